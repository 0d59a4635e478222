#include "forge/graphics/land/relief.hpp"

#include <algorithm>
#include <cmath>

#include "forge/core/clones.hpp"
#include "forge/core/parallel.hpp"

namespace forge::graphics {

namespace {

constexpr uint64_t kMostSamples = 1 << 18;   // more do not move percentiles by a colour
constexpr double kNaturalSlope = 0.75;
constexpr double kMostShare = 0.2;           // of the longer side that heights take up
constexpr double kTower = 0.7;               // share from which on they are made less
constexpr float kMost = 1e37f;               // as in shaders/land/work_heights.comp
constexpr uint32_t kMostParts = 256;
constexpr uint32_t kMostSide = 16'384;       // shadows count places in 1/16384 cells

struct Extremes {
  float low = std::numeric_limits<float>::infinity(), high = -low;
  uint64_t counted = 0;
};

// Many of each side by side: compilers then make vectors of them. Counts stay whole up to 2^24 a lane.
FORGE_CLONES Extremes extremes_of(const float* heights, uint64_t count, float nodata) {
  constexpr uint64_t kLanes = 32;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float low[kLanes], high[kLanes], counted[kLanes] = {};
  std::fill_n(low, kLanes, kInfinity);
  std::fill_n(high, kLanes, -kInfinity);
  for (uint64_t i = 0; i < count; i += kLanes)
    for (uint64_t lane = 0, end = std::min(kLanes, count - i); lane < end; ++lane) {
      const float h = heights[i + lane];
      const bool counts = (std::abs(h) < kMost) & (h != nodata);
      const float up = counts ? h : kInfinity, down = counts ? h : -kInfinity;
      low[lane] = up < low[lane] ? up : low[lane];
      high[lane] = down > high[lane] ? down : high[lane];
      counted[lane] += counts ? 1.0f : 0.0f;
    }
  Extremes all;
  for (uint64_t lane = 0; lane < kLanes; ++lane) {
    all.low = std::min(all.low, low[lane]);
    all.high = std::max(all.high, high[lane]);
    all.counted += static_cast<uint64_t>(counted[lane]);
  }
  return all;
}

double share_of(std::vector<float>& values, double share) {
  const auto at = values.begin() + static_cast<ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at);
}

uint32_t sample_step(const Relief& relief) {
  return static_cast<uint32_t>(std::max(1.0, std::ceil(std::sqrt(static_cast<double>(relief.cells()) / kMostSamples))));
}

// Some cells in even steps.
std::vector<float> some_heights(const Relief& relief) {
  const uint32_t step = sample_step(relief);
  std::vector<float> heights;
  heights.reserve(kMostSamples);
  for (uint32_t r = 0; r < relief.rows; r += step) {
    const float* row = relief.heights + uint64_t{r} * relief.columns;
    for (uint32_t c = 0; c < relief.columns; c += step)
      if (!relief.is_hole(row[c])) heights.push_back(row[c]);
  }
  return heights;
}

// The slopes towards the south and east of the same cells.
std::vector<float> some_slopes(const Relief& relief) {
  const uint32_t step = sample_step(relief);
  std::vector<float> slopes;
  slopes.reserve(kMostSamples);
  for (uint32_t r = 0; r + 1 < relief.rows; r += step) {
    const float* row = relief.heights + uint64_t{r} * relief.columns;
    for (uint32_t c = 0; c + 1 < relief.columns; c += step) {
      const float own = row[c], east = row[c + 1], south = row[uint64_t{relief.columns} + c];
      if (relief.is_hole(own) || relief.is_hole(east) || relief.is_hole(south)) continue;
      const double u = (static_cast<double>(east) - own) / relief.cell_x;
      const double v = (static_cast<double>(south) - own) / relief.cell_y;
      slopes.push_back(static_cast<float>(std::sqrt(u * u + v * v)));
    }
  }
  return slopes;
}

struct Axis {
  uint32_t pool = 1, part = 1;
};

Axis axis_for(double cell, double wanted) {
  constexpr double kMost = 1e9;
  const double ratio = wanted / cell;
  if (ratio >= 1) return {static_cast<uint32_t>(std::lround(std::min(ratio, kMost))), 1};
  return {1, static_cast<uint32_t>(std::lround(std::min(1 / ratio, static_cast<double>(kMostParts))))};
}

uint64_t covered(uint32_t count, const Axis& axis) { return (uint64_t{count} * axis.part + axis.pool - 1) / axis.pool; }

// A multiple of 64 bytes, and an odd one: columns then do not share a cache's sets.
uint32_t padded(uint32_t columns) { return ((columns + 15) / 16 | 1) * 16; }

}  // namespace

bool Window::holds(const Window& other) const {
  return row <= other.row && column <= other.column && row + rows >= other.row + other.rows &&
         column + columns >= other.column + other.columns;
}

bool Relief::is_hole(float height) const { return !(std::abs(height) < kMost) || height == nodata; }

ReliefSummary summarize(const Relief& relief) {
  ReliefSummary summary;
  const uint64_t block = 1 << 20;
  std::vector<Extremes> parts((relief.cells() + block - 1) / block);
  bool has_typical = false;
  const auto take_typical = [&] {
    std::vector<float> heights = some_heights(relief);
    if (heights.empty()) return;
    has_typical = true;
    summary.typical_low = share_of(heights, 0.01);
    summary.typical_high = share_of(heights, 0.99);
  };
  const auto take_slopes = [&] {
    std::vector<float> slopes = some_slopes(relief);
    if (!slopes.empty()) summary.steep = share_of(slopes, 0.95);
  };
  in_parallel(parts.size() + 2, [&](size_t i) {  // the longest first
    if (i == 0) return take_typical();
    if (i == 1) return take_slopes();
    const uint64_t at = (i - 2) * block;
    parts[i - 2] = extremes_of(relief.heights + at, std::min(block, relief.cells() - at), relief.nodata);
  });
  Extremes all;
  for (const Extremes& part : parts) {
    all.low = std::min(all.low, part.low);
    all.high = std::max(all.high, part.high);
    all.counted += part.counted;
  }
  summary.counted = all.counted;
  if (all.counted == 0) return summary;
  summary.low = all.low;
  summary.high = all.high;
  if (!has_typical) {  // few cells, and none of them met
    summary.typical_low = all.low;
    summary.typical_high = all.high;
  }
  return summary;
}

double natural_exaggeration(const Relief& relief, const ReliefSummary& summary) {
  const double side = std::max(relief.width(), relief.depth()), range = summary.typical_high - summary.typical_low;
  if (!(range > 0)) return 1;
  const double by_share = kMostShare * side / range;
  const double by_slope = summary.steep > 0 ? kNaturalSlope / summary.steep : by_share;
  const double factor = std::min(by_slope, by_share);
  if (factor >= 1) return factor;
  return range > kTower * side ? kTower * side / range : 1;
}

GridPlan plan_grid(const Relief& relief, const Window& window, double wanted, uint64_t most) {
  GridPlan plan;
  plan.window = window;
  wanted = std::max(wanted, std::min(relief.cell_x, relief.cell_y) / kMostParts);
  for (;; wanted *= 1.1) {
    Axis x = axis_for(relief.cell_x, wanted), y = axis_for(relief.cell_y, wanted);
    if (x.part > 1 || y.part > 1) x.pool = y.pool = 1;
    x.pool = std::min(x.pool, window.columns);
    y.pool = std::min(y.pool, window.rows);
    const bool is_least = x.part == 1 && y.part == 1 && x.pool == window.columns && y.pool == window.rows;
    const uint64_t columns = covered(window.columns, x), rows = covered(window.rows, y);
    if (!is_least && (columns > kMostSide || rows > kMostSide || columns * rows > most)) continue;
    plan.pool_x = x.pool;
    plan.pool_y = y.pool;
    plan.part_x = x.part;
    plan.part_y = y.part;
    plan.columns = static_cast<uint32_t>(columns);
    plan.rows = static_cast<uint32_t>(rows);
    plan.stride = padded(plan.columns);
    plan.cell_x = relief.cell_x * x.pool / x.part;
    plan.cell_y = relief.cell_y * y.pool / y.part;
    plan.extent_u = static_cast<double>(window.columns) * x.part / x.pool;
    plan.extent_v = static_cast<double>(window.rows) * y.part / y.pool;
    return plan;
  }
}

}  // namespace forge::graphics
