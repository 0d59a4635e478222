#include "forge/graphics/land/host_means.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "forge/core/parallel.hpp"

// Vectors of the machine that runs it; sanitizers have no place in what chooses among such functions.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define FORGE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define FORGE_CLONES
#endif

namespace forge::graphics {

namespace {

constexpr uint32_t kBlock = 1024;   // columns of the raster whose sums stay in the first cache
constexpr uint32_t kMostLooked = 181;  // rows of a cell, as in shaders/land/work_heights.comp
constexpr float kMost = 1e37f;      // the same

// Of columns of the raster, over the rows of one cell. Differences from each column's first height: what is flat stays exactly
// as high as it was.
struct Columns {
  std::vector<float> first, sum;
  std::vector<uint32_t> count;

  explicit Columns(size_t width) : first(width), sum(width), count(width) {}
  void clear() {
    std::fill(first.begin(), first.end(), 0.0f);
    std::fill(sum.begin(), sum.end(), 0.0f);
    std::fill(count.begin(), count.end(), 0u);
  }
};

FORGE_CLONES void add_row(const float* __restrict heights, uint32_t width, float nodata, float* __restrict first,
                          float* __restrict sum, uint32_t* __restrict count) {
  for (uint32_t c = 0; c < width; ++c) {
    const float h = heights[c];
    const bool counts = (std::abs(h) < kMost) & (h != nodata);
    first[c] = counts & (count[c] == 0) ? h : first[c];
    sum[c] += counts ? h - first[c] : 0.0f;
    count[c] += counts ? 1u : 0u;
  }
}

// The mean of some columns; a hole where half of the cells or more are missing.
float mean_of(const Columns& columns, uint32_t from, uint32_t to, uint32_t rows, float level) {
  float reference = 0, sum = 0;
  uint64_t count = 0;
  for (uint32_t c = from; c < to; ++c) {
    if (columns.count[c] == 0) continue;
    if (count == 0) reference = columns.first[c];
    sum += columns.sum[c] + (columns.first[c] - reference) * static_cast<float>(columns.count[c]);
    count += columns.count[c];
  }
  const bool is_hole = count * 2 <= uint64_t{to - from} * rows;
  return is_hole ? std::numeric_limits<float>::quiet_NaN() : reference - level + sum / static_cast<float>(count);
}

void mean_row(const Relief& relief, const GridPlan& plan, float level, uint32_t row, float* target) {
  const Window& window = plan.window;
  const uint32_t top = row * plan.pool_y, bottom = std::min(top + plan.pool_y, window.rows);
  const uint32_t skip = (plan.pool_y + kMostLooked - 1) / kMostLooked, looked = (bottom - top + skip - 1) / skip;
  const uint32_t cells = std::max(1u, kBlock / plan.pool_x);  // of the grid at once
  Columns columns(uint64_t{std::min(cells, plan.columns)} * plan.pool_x);
  for (uint32_t cell = 0; cell < plan.columns; cell += cells) {
    const uint32_t left = cell * plan.pool_x;
    const uint32_t width = std::min(cells * plan.pool_x, window.columns - left);
    columns.clear();
    for (uint32_t r = top; r < bottom; r += skip)
      add_row(relief.heights + uint64_t{window.row + r} * relief.columns + window.column + left, width, relief.nodata,
              columns.first.data(), columns.sum.data(), columns.count.data());
    for (uint32_t from = 0; from < width; from += plan.pool_x)
      target[cell + from / plan.pool_x] = mean_of(columns, from, std::min(from + plan.pool_x, width), looked, level);
  }
}

}  // namespace

void mean_heights(const Relief& relief, const GridPlan& plan, double level, float* target) {
  in_parallel(plan.rows, [&](size_t row) {
    mean_row(relief, plan, static_cast<float>(level), static_cast<uint32_t>(row), target + row * plan.stride);
  });
}

}  // namespace forge::graphics
