#pragma once

#include <span>

#include "forge/graphics/lettering/coverage.hpp"

namespace forge::graphics {

/// What a closed polygon covers, exactly; where it crosses itself what it winds round counts.
/// Throws OUT_OF_RANGE for corners further off than 16000 pixels, or not finite.
Coverage polygon_coverage(std::span<const Point> corners, const Clip& clip);

/// What a line of `width` pixels covers, with round joins and flat ends, or a ring.
Coverage line_coverage(std::span<const Point> points, double width, bool closed, const Clip& clip);

}  // namespace forge::graphics
