#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace forge::graphics {

/// 256 RGBA entries.
using Lut = std::array<std::array<uint8_t, 4>, 256>;

/// Names in the order users see.
std::vector<std::string_view> colormap_names();

/// sRGB bytes, alpha 255. Names are case-sensitive; an unknown one throws INVALID_ARGUMENT.
const Lut& colormap_lut(std::string_view name);

/// sRGB bytes decoded to linear light and rounded, for a texture without sRGB; alpha stays.
Lut decoded_to_linear(const Lut& srgb);

/// The same of a named map.
const Lut& colormap_lut_linear(std::string_view name);

}  // namespace forge::graphics
