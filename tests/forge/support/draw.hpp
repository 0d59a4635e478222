#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "forge/shader/compile.hpp"
#include "forge/shader/launch.hpp"
#include "forge/support/device.hpp"

namespace forge::test {

inline std::unique_ptr<shader::Program> draw_program(vk::Device& device, const std::string& vertex,
                                                     const std::string& fragment) {
  std::vector<shader::Program::Source> stages;
  for (const auto& [text, stage] : {std::pair{vertex, shader::Stage::vertex}, {fragment, shader::Stage::fragment}}) {
    shader::CompileOptions options;
    options.stage = stage;
    shader::Words words = shader::compile(text, options);
    shader::Reflection reflection = shader::reflect(words);
    stages.push_back({std::move(words), std::move(reflection)});
  }
  return std::make_unique<shader::Program>(device, std::move(stages), "test draw");
}

/// Corners (x, y, depth) in device coordinates, y up, and a colour for each draw.
inline constexpr char kFlatVertex[] =
    "#version 450\n"
    "layout(location = 0) in vec3 place;\n"
    "void main() { gl_Position = vec4(place, 1.0); gl_PointSize = 1.0; }\n";
inline constexpr char kFlatFragment[] =
    "#version 450\n"
    "layout(push_constant) uniform P { vec4 tint; };\n"
    "layout(location = 0) out vec4 color;\n"
    "void main() { color = tint; }\n";

inline std::shared_ptr<vk::Image> picture(const std::shared_ptr<vk::Device>& device, uint32_t width, uint32_t height,
                                          VkFormat format = VK_FORMAT_R8G8B8A8_UNORM, uint32_t samples = 1) {
  vk::ImageSpec spec;
  spec.format = format;
  spec.width = width;
  spec.height = height;
  spec.samples = static_cast<VkSampleCountFlagBits>(samples);
  const bool depth = vk::format_info(format).aspect == VK_IMAGE_ASPECT_DEPTH_BIT;
  spec.usage = depth ? VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT : VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  if (samples == 1) spec.usage |= VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  spec.home = samples > 1 ? VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL : VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  return vk::Image::create(device, spec);
}

/// Submits, and gives back the words of a picture of 4-byte texels.
inline std::vector<uint32_t> texels_of(vk::Commands& commands, const std::shared_ptr<vk::Image>& image) {
  const auto out = vk::Buffer::create(commands.device_ptr(), image->byte_size(), vk::Memory::readback);
  commands.read_image(image, {0, 0, image->spec().width, image->spec().height}, out);
  commands.submit();
  return words_of(out);
}

inline VkClearValue clear_color(float r, float g, float b, float a) {
  VkClearValue value{};
  value.color = {{r, g, b, a}};
  return value;
}

}  // namespace forge::test
