#include "forge/graphics/sun.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/graphics/text.hpp"

namespace forge::graphics {

namespace {

constexpr double kWantedSlope = std::numbers::inv_sqrt3;  // tan 30 degrees
constexpr double kMostFactor = 5;
constexpr size_t kMostSamples = 1 << 20;  // beyond a million the percentile no longer moves

/// Slope along one axis as numpy.gradient has it: central inside, one-sided at the ends, none across a single sample.
double derivative(const float* heights, size_t at, size_t count, size_t stride, double step) {
  if (count < 2) return 0;
  const size_t before = at > 0 ? at - 1 : at, after = at + 1 < count ? at + 1 : at;
  return (static_cast<double>(heights[after * stride]) - heights[before * stride]) /
         (step * static_cast<double>(after - before));
}

}  // namespace

std::array<double, 3> sun_direction(double elevation_deg, double azimuth_deg) {
  if (!std::isfinite(elevation_deg) || !std::isfinite(azimuth_deg))
    throw Error(ErrorCode::INVALID_ARGUMENT, "angles must be finite", {}, tuple_text(elevation_deg, azimuth_deg));
  const double e = elevation_deg * std::numbers::pi / 180, a = azimuth_deg * std::numbers::pi / 180;
  return {std::cos(e) * std::sin(a), std::sin(e), -std::cos(e) * std::cos(a)};
}

double slope_factor(std::span<const float> heights, size_t rows, size_t columns, double dx, double dz) {
  FORGE_ASSERT(heights.size() == rows * columns);
  const auto step = static_cast<size_t>(std::ceil(std::sqrt(static_cast<double>(heights.size()) / kMostSamples)));
  std::vector<double> slopes;
  for (size_t r = 0; r < rows; r += std::max<size_t>(step, 1))
    for (size_t c = 0; c < columns; c += std::max<size_t>(step, 1)) {
      const double along_x = derivative(&heights[r * columns], c, columns, 1, dx);
      const double along_z = derivative(&heights[c], r, rows, columns, dz);
      const double slope = std::hypot(along_x, along_z);
      if (std::isfinite(slope)) slopes.push_back(slope);
    }
  if (slopes.empty()) return 1;
  const auto steep = slopes.begin() + static_cast<ptrdiff_t>(static_cast<double>(slopes.size() - 1) * 0.95);
  std::nth_element(slopes.begin(), steep, slopes.end());
  return *steep > 0 ? std::clamp(kWantedSlope / *steep, 1.0, kMostFactor) : 1;
}

}  // namespace forge::graphics
