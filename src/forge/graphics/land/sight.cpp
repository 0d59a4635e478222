#include "forge/graphics/land/sight.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "forge/graphics/vector.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kBlocks = 48;     // a side, which are seen or not
constexpr double kMost = 0.5;        // of the blocks: then all are
constexpr double kSteepest = 0.12;   // tangent of the lowest sun whose shadows are followed
constexpr double kFarthest = 512;    // cells from which they come into a small window; a large one has its own width

struct Corner {
  Vec3 place;    // in the picture
  double pixel;  // world units
};

struct Bounds {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void add(double x) { low = std::min(low, x), high = std::max(high, x); }
  bool meets(double end) const { return high >= 0 && low <= end; }
};

uint32_t edge_of(uint32_t block, uint32_t blocks, uint32_t cells) {
  return static_cast<uint32_t>(uint64_t{block} * cells / blocks);
}

}  // namespace

Sight look_at_relief(const Relief& relief, double low, double high, const View& view) {
  const uint32_t across = std::min(kBlocks, relief.columns), along = std::min(kBlocks, relief.rows);
  std::vector<Corner> corners;
  corners.reserve(2 * size_t{across + 1} * (along + 1));
  for (uint32_t r = 0; r <= along; ++r)
    for (uint32_t c = 0; c <= across; ++c)
      for (const double z : {low, high}) {
        const Vec3 world{relief.west + relief.cell_x * edge_of(c, across, relief.columns),
                         relief.north - relief.cell_y * edge_of(r, along, relief.rows), z};
        corners.push_back({view.project(world), view.pixel_size(world)});
      }
  Sight sight;
  sight.pixel = std::numeric_limits<double>::infinity();
  uint32_t first_row = along, last_row = 0, first_column = across, last_column = 0, seen = 0;
  for (uint32_t r = 0; r < along; ++r)
    for (uint32_t c = 0; c < across; ++c) {
      Bounds x, y;
      double pixel = sight.pixel;
      bool behind = false, before = false;
      for (uint32_t i = 0; i < 8; ++i) {
        const Corner& corner = corners[2 * (size_t{r + (i >> 1 & 1)} * (across + 1) + c + (i & 1)) + (i >> 2)];
        const bool there = corner.place[2] > 0;
        (there ? before : behind) = true;
        if (!there) continue;
        x.add(corner.place[0]);
        y.add(corner.place[1]);
        pixel = std::min(pixel, corner.pixel);
      }
      if (!before || (!behind && !(x.meets(view.options.width) && y.meets(view.options.height)))) continue;
      ++seen;
      sight.pixel = pixel;
      first_row = std::min(first_row, r);
      last_row = std::max(last_row, r);
      first_column = std::min(first_column, c);
      last_column = std::max(last_column, c);
    }
  if (seen == 0) return sight;
  const auto blocks = static_cast<double>((last_row - first_row + 1) * (last_column - first_column + 1));
  if (blocks > kMost * across * along) {
    sight.window = relief.whole();
    return sight;
  }
  sight.window.row = edge_of(first_row, along, relief.rows);
  sight.window.column = edge_of(first_column, across, relief.columns);
  sight.window.rows = edge_of(last_row + 1, along, relief.rows) - sight.window.row;
  sight.window.columns = edge_of(last_column + 1, across, relief.columns) - sight.window.column;
  return sight;
}

Window with_margin(const Relief& relief, const Window& window, const Vec3& to_sun, double height, double room) {
  if (window == relief.whole()) return window;
  const double level = std::hypot(to_sun[0], to_sun[1]);
  const double reach = level > 1e-6 ? height / std::max(to_sun[2] / level, kSteepest) / level : 0;
  // First and last cell of an axis, with room on both sides and the shadows' way on one.
  const auto widened = [&](uint32_t first, uint32_t count, uint32_t all, double cell, double sunward) {
    const double around = std::max(2.0, room * count);
    const double sun = std::min(std::abs(sunward) * reach / cell, std::max(kFarthest, 1.0 * count));
    const double low = first - around - (sunward < 0 ? sun : 0),
                 high = first + count + around + (sunward > 0 ? sun : 0);
    const auto from = static_cast<uint32_t>(std::clamp(low, 0.0, static_cast<double>(all)));
    return std::pair{from, static_cast<uint32_t>(std::clamp(high, 0.0, static_cast<double>(all))) - from};
  };
  const auto [row, rows] = widened(window.row, window.rows, relief.rows, relief.cell_y, -to_sun[1]);
  const auto [column, columns] = widened(window.column, window.columns, relief.columns, relief.cell_x, to_sun[0]);
  return {row, column, rows, columns};
}

}  // namespace forge::graphics
