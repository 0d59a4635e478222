#pragma once

#include <memory>
#include <vector>

#include "forge/vk/commands.hpp"
#include "forge/vk/pipeline.hpp"

namespace forge::graphics {

struct TargetOptions {
  VkFormat color = VK_FORMAT_R8G8B8A8_SRGB;
  VkFormat depth = VK_FORMAT_D32_SFLOAT;  // UNDEFINED: no depth
  uint32_t samples = 1;                   // 1, 2, 4 or 8; more than one is resolved into the picture
};

/// An offscreen picture with depth. Rows are read back without padding.
class Target {
 public:
  /// Throws LIMIT_EXCEEDED, MISSING_FEATURE or INVALID_ARGUMENT where the device cannot make it.
  Target(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const TargetOptions& options = {});

  uint32_t width() const { return width_; }
  uint32_t height() const { return height_; }
  const TargetOptions& options() const { return options_; }
  const std::shared_ptr<vk::Device>& device() const { return device_; }

  /// What a pipeline must know about this target.
  void describe(vk::DrawState& state) const;

  /// Clears (colour in linear light) and draws; draws that follow without a clear add to the picture.
  void draw(vk::Commands& commands, std::vector<vk::DrawCall> calls, std::optional<std::array<float, 4>> clear) const;

  /// Records the copies into host-visible memory; what they give may be read once the submission has passed.
  vk::BufferRef read_color(vk::Commands& commands, vk::ImageRegion region) const;
  vk::BufferRef read_depth(vk::Commands& commands, vk::ImageRegion region) const;
  vk::ImageRegion whole() const { return {0, 0, width_, height_}; }
  uint32_t color_bytes() const;  // a pixel

 private:
  vk::BufferRef read(vk::Commands& commands, const std::shared_ptr<vk::Image>& image, vk::ImageRegion region) const;

  std::shared_ptr<vk::Device> device_;
  uint32_t width_, height_;
  TargetOptions options_;
  std::shared_ptr<vk::Image> color_;         // single-sampled
  std::shared_ptr<vk::Image> multisampled_;  // null for one sample
  std::shared_ptr<vk::Image> depth_;
};

/// The largest count of samples up to `wanted` that the device can draw with.
uint32_t supported_samples(const vk::Device& device, uint32_t wanted);

/// Copies what a finished submission has read back out of its buffer.
void copy_out(void* to, const vk::BufferRef& from);

}  // namespace forge::graphics
