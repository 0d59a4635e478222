#pragma once

#include <span>
#include <vector>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::graphics {

/// Where a level crosses a cell between four heights, as shaders/raster/contour.comp writes it.
struct ContourSegment {
  uint32_t level;           // index
  uint32_t from, to;        // edges: 2 i leads east from height i, 2 i + 1 south
  float from_part, to_part;  // of the way along it
};

/// Lines of all levels, ascending; a closed one repeats its first point at its end.
struct ContourLines {
  std::vector<double> points;    // (n, 2): column, row
  std::vector<int64_t> starts;   // of each line among the points, and their number
  std::vector<int64_t> levels;   // of each line, by index
};

/// Segments of the levels, ascending and finite. Submits, and waits until the device has written them.
/// Throws LIMIT_EXCEEDED for more levels or segments than can be numbered.
std::vector<ContourSegment> contour_segments(vk::Commands& commands, const array::Array& heights,
                                             std::span<const double> levels, float nodata);

/// Joins them end to end.
ContourLines join_segments(std::span<const ContourSegment> segments, size_t level_count, uint32_t columns);

}  // namespace forge::graphics
