#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "forge/graphics/lettering/coverage.hpp"

namespace forge::graphics {

/// Somebody's picture: RGBA bytes, sRGB with straight alpha, rows from the top.
struct PaintedPicture {
  uint8_t* data = nullptr;
  uint32_t width = 0, height = 0;
  ptrdiff_t row_stride = 0;  // bytes

  Clip clip() const { return {0, 0, static_cast<int32_t>(width), static_cast<int32_t>(height)}; }
};

using Color = std::array<uint8_t, 4>;  // sRGB, straight alpha

/// Lays a colour over a picture where a coverage says, mixed as light: in linear values, each weighed by its alpha.
void paint(const PaintedPicture& picture, const Coverage& where, const Color& color);

}  // namespace forge::graphics
