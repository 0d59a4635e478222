#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

/// What the numbers of a texel are to a shader.
enum class TexelKind : unsigned char { normalized, floating, unsigned_integer, signed_integer };

/// A format of textures: GLSL's word for it, what it is to Vulkan and to SPIR-V, and what NumPy holds of it.
struct TexelRow {
  std::string_view name;  // "rgba8"
  VkFormat format;
  uint32_t spirv;  // ImageFormat; 0: no storage image can be of it
  TexelKind kind;
  DType dtype;
  uint32_t channels;
  bool usual;  // what a texture of this dtype and these channels is where nobody says otherwise

  uint32_t bytes() const { return static_cast<uint32_t>(size_of(dtype)) * channels; }
  bool is_integer() const { return kind == TexelKind::unsigned_integer || kind == TexelKind::signed_integer; }
};

const std::vector<TexelRow>& texel_rows();
const TexelRow* find_texel(std::string_view name);
const TexelRow* find_texel(VkFormat format);
const TexelRow* usual_texel(DType dtype, uint32_t channels);
std::string_view spirv_format_name(uint32_t spirv);  // "" for what has no row

}  // namespace forge::vk
