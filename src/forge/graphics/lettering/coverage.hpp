#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace forge::graphics {

struct Point {
  double x = 0, y = 0;  // pixels, y down
};

/// Pixels that matter, half open; what lies beyond is not made.
struct Clip {
  int32_t left = -(1 << 20), top = -(1 << 20), right = 1 << 20, bottom = 1 << 20;
};

/// How much of each pixel something covers, 255 all of it, and where it lies. y points down.
struct Coverage {
  int32_t left = 0, top = 0;  // pixels from the origin it was asked at
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> data;  // (height, width)

  /// Zeros; nothing where an edge lies beyond its opposite. Throws LIMIT_EXCEEDED for more than 2^28 pixels.
  static Coverage blank(const Clip& edges);

  bool empty() const { return width == 0 || height == 0; }
  int32_t right() const { return left + static_cast<int32_t>(width); }
  int32_t bottom() const { return top + static_cast<int32_t>(height); }
  uint8_t& at(int32_t x, int32_t y) { return data[index(x, y)]; }
  uint8_t at(int32_t x, int32_t y) const { return data[index(x, y)]; }

 private:
  size_t index(int32_t x, int32_t y) const {
    return static_cast<size_t>(y - top) * width + static_cast<size_t>(x - left);
  }
};

}  // namespace forge::graphics
