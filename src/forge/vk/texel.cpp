#include "forge/vk/texel.hpp"

#include <algorithm>

namespace forge::vk {

const std::vector<TexelRow>& texel_rows() {
  using enum TexelKind;
  // clang-format off: a row for each format
  static const std::vector<TexelRow> rows = {
      {"r8",         VK_FORMAT_R8_UNORM,              15, normalized,       DType::uint8,   1, true},
      {"rg8",        VK_FORMAT_R8G8_UNORM,            13, normalized,       DType::uint8,   2, true},
      {"rgba8",      VK_FORMAT_R8G8B8A8_UNORM,         4, normalized,       DType::uint8,   4, true},
      {"r16",        VK_FORMAT_R16_UNORM,             14, normalized,       DType::uint16,  1, false},
      {"rg16",       VK_FORMAT_R16G16_UNORM,          12, normalized,       DType::uint16,  2, false},
      {"rgba16",     VK_FORMAT_R16G16B16A16_UNORM,    10, normalized,       DType::uint16,  4, false},
      {"r16f",       VK_FORMAT_R16_SFLOAT,             9, floating,         DType::float16, 1, true},
      {"rg16f",      VK_FORMAT_R16G16_SFLOAT,          7, floating,         DType::float16, 2, true},
      {"rgba16f",    VK_FORMAT_R16G16B16A16_SFLOAT,    2, floating,         DType::float16, 4, true},
      {"r32f",       VK_FORMAT_R32_SFLOAT,             3, floating,         DType::float32, 1, true},
      {"rg32f",      VK_FORMAT_R32G32_SFLOAT,          6, floating,         DType::float32, 2, true},
      {"rgba32f",    VK_FORMAT_R32G32B32A32_SFLOAT,    1, floating,         DType::float32, 4, true},
      {"r8ui",       VK_FORMAT_R8_UINT,               39, unsigned_integer, DType::uint8,   1, false},
      {"rg8ui",      VK_FORMAT_R8G8_UINT,             37, unsigned_integer, DType::uint8,   2, false},
      {"rgba8ui",    VK_FORMAT_R8G8B8A8_UINT,         32, unsigned_integer, DType::uint8,   4, false},
      {"r16ui",      VK_FORMAT_R16_UINT,              38, unsigned_integer, DType::uint16,  1, true},
      {"rg16ui",     VK_FORMAT_R16G16_UINT,           36, unsigned_integer, DType::uint16,  2, true},
      {"rgba16ui",   VK_FORMAT_R16G16B16A16_UINT,     31, unsigned_integer, DType::uint16,  4, true},
      {"r32ui",      VK_FORMAT_R32_UINT,              33, unsigned_integer, DType::uint32,  1, true},
      {"rg32ui",     VK_FORMAT_R32G32_UINT,           35, unsigned_integer, DType::uint32,  2, true},
      {"rgba32ui",   VK_FORMAT_R32G32B32A32_UINT,     30, unsigned_integer, DType::uint32,  4, true},
      {"r8i",        VK_FORMAT_R8_SINT,               29, signed_integer,   DType::int8,    1, true},
      {"rg8i",       VK_FORMAT_R8G8_SINT,             27, signed_integer,   DType::int8,    2, true},
      {"rgba8i",     VK_FORMAT_R8G8B8A8_SINT,         23, signed_integer,   DType::int8,    4, true},
      {"r16i",       VK_FORMAT_R16_SINT,              28, signed_integer,   DType::int16,   1, true},
      {"rg16i",      VK_FORMAT_R16G16_SINT,           26, signed_integer,   DType::int16,   2, true},
      {"rgba16i",    VK_FORMAT_R16G16B16A16_SINT,     22, signed_integer,   DType::int16,   4, true},
      {"r32i",       VK_FORMAT_R32_SINT,              24, signed_integer,   DType::int32,   1, true},
      {"rg32i",      VK_FORMAT_R32G32_SINT,           25, signed_integer,   DType::int32,   2, true},
      {"rgba32i",    VK_FORMAT_R32G32B32A32_SINT,     21, signed_integer,   DType::int32,   4, true},
      {"r8_srgb",    VK_FORMAT_R8_SRGB,                0, normalized,       DType::uint8,   1, false},
      {"rg8_srgb",   VK_FORMAT_R8G8_SRGB,              0, normalized,       DType::uint8,   2, false},
      {"rgba8_srgb", VK_FORMAT_R8G8B8A8_SRGB,          0, normalized,       DType::uint8,   4, false},
  };
  // clang-format on
  return rows;
}

namespace {
template <class Test>
const TexelRow* find_row(const Test& test) {
  const auto& rows = texel_rows();
  const auto found = std::find_if(rows.begin(), rows.end(), test);
  return found == rows.end() ? nullptr : &*found;
}
}  // namespace

const TexelRow* find_texel(std::string_view name) {
  return find_row([&](const TexelRow& row) { return row.name == name; });
}

const TexelRow* find_texel(VkFormat format) {
  return find_row([&](const TexelRow& row) { return row.format == format; });
}

const TexelRow* usual_texel(DType dtype, uint32_t channels) {
  return find_row([&](const TexelRow& row) { return row.usual && row.dtype == dtype && row.channels == channels; });
}

std::string_view spirv_format_name(uint32_t spirv) {
  const TexelRow* row = spirv ? find_row([&](const TexelRow& r) { return r.spirv == spirv; }) : nullptr;
  return row ? row->name : "";
}

}  // namespace forge::vk
