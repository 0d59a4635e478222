#pragma once

#include <cstdint>
#include <vector>

#include "forge/vk/vulkan.hpp"

// Everything about drawing that is fixed when a pipeline is made.
namespace forge::vk {

enum class Topology : unsigned char { triangles, triangle_strip, lines, line_strip, points };
enum class Cull : unsigned char { none, back, front };
enum class Compare : unsigned char { never, less, less_equal, equal, greater_equal, greater, always, not_equal };

/// What becomes of a colour and the one that is there: (source * by_source) op (target * by_target).
struct Blend {
  struct Equation {
    VkBlendFactor by_source = VK_BLEND_FACTOR_ONE, by_target = VK_BLEND_FACTOR_ZERO;
    VkBlendOp op = VK_BLEND_OP_ADD;
    bool operator==(const Equation&) const = default;
  };
  bool enabled = false;
  Equation color, alpha;
  uint32_t mask = 0xF;  // channels that are written
  bool operator==(const Blend&) const = default;

  static const Blend none, alpha_over, premultiplied, add;
};
inline constexpr Blend Blend::none{};
inline constexpr Blend Blend::alpha_over{true,
                                         {VK_BLEND_FACTOR_SRC_ALPHA, VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA},
                                         {VK_BLEND_FACTOR_ONE, VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA}};
inline constexpr Blend Blend::premultiplied{true,
                                            {VK_BLEND_FACTOR_ONE, VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA},
                                            {VK_BLEND_FACTOR_ONE, VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA}};
inline constexpr Blend Blend::add{
    true, {VK_BLEND_FACTOR_SRC_ALPHA, VK_BLEND_FACTOR_ONE}, {VK_BLEND_FACTOR_ONE, VK_BLEND_FACTOR_ONE}};

struct StencilFace {
  Compare compare = Compare::always;
  VkStencilOp fail = VK_STENCIL_OP_KEEP, depth_fail = VK_STENCIL_OP_KEEP, pass = VK_STENCIL_OP_KEEP;
};

struct Stencil {
  StencilFace front, back;
  uint32_t reference = 0, read_mask = 0xFF, write_mask = 0xFF;
};

struct VertexAttribute {
  uint32_t location = 0, stream = 0, offset = 0;
  VkFormat format = VK_FORMAT_R32G32B32_SFLOAT;
};
struct VertexStream {
  uint32_t stride = 0;
  bool per_instance = false;
};

struct DrawState {
  Topology topology = Topology::triangles;
  bool primitive_restart = false;
  Cull cull = Cull::none;
  bool front_clockwise = false;
  bool wireframe = false;
  float line_width = 1;
  bool depth_test = false, depth_write = false;
  Compare depth_compare = Compare::less;
  float depth_bias_constant = 0, depth_bias_slope = 0;
  bool stencil_test = false;
  Stencil stencil;
  std::vector<Blend> blends = {Blend::none};  // of each colour format; one stands for all
  bool alpha_to_coverage = false;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  std::vector<VkFormat> color_formats;
  VkFormat depth_format = VK_FORMAT_UNDEFINED;  // with stencil, where it has one
  std::vector<VertexAttribute> attributes;
  std::vector<VertexStream> streams;
};

}  // namespace forge::vk
