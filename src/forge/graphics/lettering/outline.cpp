#include "forge/graphics/lettering/outline.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/graphics/lettering/freetype.hpp"

namespace forge::graphics {

namespace {

constexpr size_t kMostTogether = 2000;  // points
constexpr double kFarthest = 16'000;  // FreeType's rasteriser counts 1/256 pixels in 32 bits

void fill(FT_Outline* outline, std::span<const Point> points) {
  for (const Point& point : points) {
    if (!(std::abs(point.x) <= kFarthest && std::abs(point.y) <= kFarthest))
      throw Error(ErrorCode::OUT_OF_RANGE, "a corner lies too far off", "-16000 to 16000 pixels",
                  "(" + std::to_string(point.x) + ", " + std::to_string(point.y) + ")");
    const auto at = outline->n_points++;
    outline->points[at] = {std::lround(point.x * 64), std::lround(-point.y * 64)};
    outline->tags[at] = FT_CURVE_TAG_ON;
  }
  outline->contours[0] = static_cast<short>(outline->n_points - 1);
  outline->n_contours = 1;
}

}  // namespace

Coverage polygon_coverage(std::span<const Point> corners, const Clip& clip) {
  if (corners.size() < 3) return {};
  const auto library = freetype::open_library();
  freetype::OwnOutline outline(library.get(), static_cast<FT_UInt>(corners.size()), 1);
  fill(outline.get(), corners);
  return freetype::rendered(library.get(), outline.get(), clip);
}

namespace {

/// A part of a line short enough for FreeType, which counts points with their round corners in 16 bits.
Coverage part_coverage(FT_Library library, std::span<const Point> points, double width, bool closed, const Clip& clip) {
  freetype::OwnOutline outline(library, static_cast<FT_UInt>(points.size()), 1);
  fill(outline.get(), points);
  return freetype::stroked(library, outline.get(), std::lround(width * 32), !closed, FT_STROKER_LINECAP_BUTT, clip);
}

/// Both together; where they overlap, the one that covers more.
Coverage joined(const Coverage& one, const Coverage& other) {
  if (one.empty()) return other;
  if (other.empty()) return one;
  Coverage all = Coverage::blank({std::min(one.left, other.left), std::min(one.top, other.top),
                                  std::max(one.right(), other.right()), std::max(one.bottom(), other.bottom())});
  for (const Coverage* part : {&one, &other})
    for (int32_t y = part->top; y < part->bottom(); ++y)
      for (int32_t x = part->left; x < part->right(); ++x) all.at(x, y) = std::max(all.at(x, y), part->at(x, y));
  return all;
}

// Where the part behind one that ends at a point begins: so far before it that no pixel sees the ends of both.
size_t seam_before(std::span<const Point> points, size_t end, double overlap) {
  size_t start = end;
  for (double length = 0; length < overlap && start > end - kMostTogether / 2; --start)
    length += std::hypot(points[start].x - points[start - 1].x, points[start].y - points[start - 1].y);
  return start;
}

}  // namespace

Coverage line_coverage(std::span<const Point> points, double width, bool closed, const Clip& clip) {
  if (points.size() < 2) return {};
  const auto library = freetype::open_library();
  if (points.size() <= kMostTogether) return part_coverage(library.get(), points, width, closed, clip);
  std::vector<Point> ring(points.begin(), points.end());
  if (closed) ring.push_back(ring.front());
  Coverage all;
  for (size_t start = 0;;) {
    const size_t count = std::min(kMostTogether, ring.size() - start);
    all = joined(all, part_coverage(library.get(), std::span(ring).subspan(start, count), width, false, clip));
    if (start + count == ring.size()) return all;
    start = seam_before(ring, start + count - 1, width + 2);
  }
}

}  // namespace forge::graphics
