#include "forge/graphics/land/host_means.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "forge/core/clones.hpp"
#include "forge/core/parallel.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kBlock = 1024;      // columns of the raster whose sums stay in the first cache
constexpr uint32_t kMostLooked = 181;  // rows of a cell, as in shaders/land/work_heights.comp
constexpr float kMost = 1e37f;         // the same

// Of columns of the raster, over the rows of one cell. Doubles hold sums of so few floats exactly: what is flat stays as high
// as it was.
struct Columns {
  std::vector<double> sum;
  std::vector<float> count;
};

FORGE_CLONES void add_row(const float* __restrict heights, uint32_t width, float nodata, double* __restrict sum,
                          float* __restrict count) {
  for (uint32_t c = 0; c < width; ++c) {
    const float h = heights[c];
    const bool counts = (std::abs(h) < kMost) & (h != nodata);
    sum[c] += static_cast<double>(counts ? h : 0.0f);
    count[c] += counts ? 1.0f : 0.0f;
  }
}

FORGE_CLONES void add_solid_row(const float* __restrict heights, uint32_t width, double* __restrict sum) {
  for (uint32_t c = 0; c < width; ++c) sum[c] += static_cast<double>(heights[c]);
}

template <uint32_t kPool>
void solid_means(const double* __restrict sum, uint32_t cells, double rows, double level, float* __restrict target) {
  for (uint32_t i = 0; i < cells; ++i) {
    double total = 0;
    for (uint32_t k = 0; k < kPool; ++k) total += sum[kPool * i + k];
    target[i] = static_cast<float>(total / (rows * kPool) - level);
  }
}

// Whole cells of columns without holes, as many as a mean is made of.
FORGE_CLONES void solid_means(const double* __restrict sum, uint32_t pool, uint32_t cells, double rows, double level,
                              float* __restrict target) {
  switch (pool) {
    case 1: return solid_means<1>(sum, cells, rows, level, target);
    case 2: return solid_means<2>(sum, cells, rows, level, target);
    case 3: return solid_means<3>(sum, cells, rows, level, target);
    case 4: return solid_means<4>(sum, cells, rows, level, target);
    default: break;
  }
  for (uint32_t i = 0; i < cells; ++i) {
    double total = 0;
    for (uint32_t k = 0; k < pool; ++k) total += sum[pool * i + k];
    target[i] = static_cast<float>(total / (rows * pool) - level);
  }
}

// A hole where half of the cells or more are missing.
float mean_of(const Columns& columns, uint32_t from, uint32_t to, uint32_t rows, double level) {
  double sum = 0, count = 0;
  for (uint32_t c = from; c < to; ++c) {
    sum += columns.sum[c];
    count += static_cast<double>(columns.count[c]);
  }
  const bool is_hole = count * 2 <= static_cast<double>(to - from) * rows;
  return is_hole ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(sum / count - level);
}

void mean_row(const Relief& relief, const GridPlan& plan, double level, uint32_t row, float* target) {
  const Window& window = plan.window;
  const uint32_t top = row * plan.pool_y, bottom = std::min(top + plan.pool_y, window.rows);
  const uint32_t skip = (plan.pool_y + kMostLooked - 1) / kMostLooked, looked = (bottom - top + skip - 1) / skip;
  const uint32_t cells = std::max(1u, kBlock / plan.pool_x);  // of the grid at once
  Columns columns;
  for (uint32_t cell = 0; cell < plan.columns; cell += cells) {
    const uint32_t left = cell * plan.pool_x, width = std::min(cells * plan.pool_x, window.columns - left);
    columns.sum.assign(width, 0.0);
    columns.count.assign(relief.solid ? 0 : width, 0.0f);
    for (uint32_t r = top; r < bottom; r += skip) {
      const float* from = relief.heights + uint64_t{window.row + r} * relief.columns + window.column + left;
      if (relief.solid)
        add_solid_row(from, width, columns.sum.data());
      else
        add_row(from, width, relief.nodata, columns.sum.data(), columns.count.data());
    }
    if (relief.solid) {
      const uint32_t whole = width / plan.pool_x, rest = width % plan.pool_x;
      solid_means(columns.sum.data(), plan.pool_x, whole, looked, level, target + cell);
      if (rest > 0) solid_means(&columns.sum[width - rest], rest, 1, looked, level, target + cell + whole);
      continue;
    }
    for (uint32_t from = 0; from < width; from += plan.pool_x)
      target[cell + from / plan.pool_x] = mean_of(columns, from, std::min(from + plan.pool_x, width), looked, level);
  }
}

}  // namespace

void mean_heights(const Relief& relief, const GridPlan& plan, double level, float* target) {
  in_parallel(plan.rows, [&](size_t row) {
    mean_row(relief, plan, level, static_cast<uint32_t>(row), target + row * plan.stride);
  });
}

}  // namespace forge::graphics
