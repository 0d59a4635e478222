#pragma once

#include <array>
#include <cmath>

namespace forge::graphics {

inline double decoded(double srgb) { return srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4); }

/// A colour of sRGB with straight alpha in linear light, alpha still straight.
inline std::array<float, 4> linear(const std::array<float, 4>& srgb) {
  std::array<float, 4> light{0, 0, 0, srgb[3]};
  for (size_t i = 0; i < 3; ++i) light[i] = static_cast<float>(decoded(static_cast<double>(srgb[i])));
  return light;
}

}  // namespace forge::graphics
