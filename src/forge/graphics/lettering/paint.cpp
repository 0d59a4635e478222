#include "forge/graphics/lettering/paint.hpp"

#include <algorithm>

#include "forge/graphics/srgb.hpp"

namespace forge::graphics {

namespace {

constexpr size_t kSteps = 1 << 14;

struct Transfer {
  std::array<float, 256> light;             // of a byte
  std::array<uint8_t, kSteps + 1> nearest;  // byte of a light
  Transfer() {
    for (size_t i = 0; i < light.size(); ++i) light[i] = static_cast<float>(decoded(static_cast<double>(i) / 255));
    size_t byte = 0;
    for (size_t i = 0; i <= kSteps; ++i) {
      const double value = static_cast<double>(i) / kSteps;
      while (byte < 255 && value > decoded((static_cast<double>(byte) + 0.5) / 255)) ++byte;
      nearest[i] = static_cast<uint8_t>(byte);
    }
  }
  uint8_t byte(float value) const {
    return nearest[static_cast<size_t>(std::clamp(value, 0.0F, 1.0F) * kSteps + 0.5F)];  // NOLINT: no less than 0
  }
};

const Transfer& transfer() {
  static const Transfer table;
  return table;
}

void mix(const Transfer& table, uint8_t* pixel, const Color& color, float over) {
  if (over >= 1) {
    std::copy(color.begin(), color.end(), pixel);
    pixel[3] = 255;
    return;
  }
  const float under = static_cast<float>(pixel[3]) / 255 * (1 - over), alpha = over + under;
  for (size_t k = 0; k < 3; ++k)
    pixel[k] = table.byte((over * table.light[color[k]] + under * table.light[pixel[k]]) / alpha);
  pixel[3] = static_cast<uint8_t>(std::lround(alpha * 255));
}

}  // namespace

void paint(const PaintedPicture& picture, const Coverage& where, const Color& color) {
  const Transfer& table = transfer();
  const Clip clip = picture.clip();
  const int32_t left = std::max(where.left, clip.left), right = std::min(where.right(), clip.right);
  const int32_t top = std::max(where.top, clip.top), bottom = std::min(where.bottom(), clip.bottom);
  for (int32_t y = top; y < bottom; ++y) {
    uint8_t* row = picture.data + y * picture.row_stride;
    for (int32_t x = left; x < right; ++x)
      if (const int over = where.at(x, y) * color[3])
        mix(table, row + ptrdiff_t{x} * 4, color, static_cast<float>(over) / 65025);
  }
}

}  // namespace forge::graphics
