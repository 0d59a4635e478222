#include "forge/graphics/lettering/outline.hpp"

#include <cmath>
#include <string>

#include "forge/core/error.hpp"
#include "forge/graphics/lettering/freetype.hpp"

namespace forge::graphics {

namespace {

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

Coverage line_coverage(std::span<const Point> points, double width, bool closed, const Clip& clip) {
  if (points.size() < 2) return {};
  const auto library = freetype::open_library();
  freetype::OwnOutline outline(library.get(), static_cast<FT_UInt>(points.size()), 1);
  fill(outline.get(), points);
  return freetype::stroked(library.get(), outline.get(), std::lround(width * 32), !closed, FT_STROKER_LINECAP_BUTT,
                           clip);
}

}  // namespace forge::graphics
