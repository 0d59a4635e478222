#include "forge/graphics/target.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace forge::graphics {

namespace {

std::shared_ptr<vk::Image> attachment(const std::shared_ptr<vk::Device>& device, uint32_t width, uint32_t height,
                                      VkFormat format, uint32_t samples, VkImageUsageFlags usage, VkImageLayout home,
                                      const char* label) {
  vk::ImageSpec spec;
  spec.format = format;
  spec.width = width;
  spec.height = height;
  spec.samples = static_cast<VkSampleCountFlagBits>(samples);
  spec.usage = usage;
  spec.home = home;
  spec.label = label;
  return vk::Image::create(device, spec);
}

void check_format(const vk::Device& device, VkFormat format, VkFormatFeatureFlags features, const char* what) {
  if (!vk::format_supported(device, format, features))
    throw Error(ErrorCode::MISSING_FEATURE, std::string("the device cannot draw into this format: ") + what,
                "an attachment format", "VkFormat " + std::to_string(format), "choose another format");
}

}  // namespace

uint32_t supported_samples(const vk::Device& device, uint32_t wanted) {
  uint32_t samples = std::bit_floor(std::max(wanted, 1u));
  while (samples > 1 && !(device.limits().color_sample_counts & samples)) samples /= 2;
  return samples;
}

Target::Target(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const TargetOptions& options)
    : device_(std::move(device)), width_(width), height_(height), options_(options) {
  device_->require("dynamicRendering", "rendering");
  if (width == 0 || height == 0) throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0");
  if (!std::has_single_bit(options.samples) || !(device_->limits().color_sample_counts & options.samples))
    throw Error(ErrorCode::MISSING_FEATURE, "the device cannot draw with this many samples",
                "one of the counts in the mask " + std::to_string(device_->limits().color_sample_counts),
                std::to_string(options.samples), "use fewer samples");
  check_format(*device_, options.color, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT, "colour");
  constexpr VkImageUsageFlags color_usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  color_ = attachment(device_, width, height, options.color, 1, color_usage, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                      "target color");
  if (options.samples > 1)
    multisampled_ =
        attachment(device_, width, height, options.color, options.samples, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT,
                   VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, "target samples");
  if (options.depth == VK_FORMAT_UNDEFINED) return;
  check_format(*device_, options.depth, VK_FORMAT_FEATURE_DEPTH_STENCIL_ATTACHMENT_BIT, "depth");
  depth_ = attachment(device_, width, height, options.depth, options.samples,
                      VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                      VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL, "target depth");
}

void Target::describe(vk::DrawState& state) const {
  state.color_formats = {options_.color};
  state.depth_format = options_.depth;
  state.samples = static_cast<VkSampleCountFlagBits>(options_.samples);
}

void Target::draw(vk::Commands& commands, std::vector<vk::DrawCall> calls,
                  std::optional<std::array<float, 4>> clear) const {
  vk::Attachment color{multisampled_ ? multisampled_ : color_, multisampled_ ? color_ : nullptr, {}, false};
  if (clear) {
    VkClearValue value{};
    std::copy(clear->begin(), clear->end(), value.color.float32);
    color.clear = value;
  }
  vk::RenderPass pass;
  pass.colors = {std::move(color)};
  if (depth_) {
    vk::Attachment depth{depth_, nullptr, {}, false};
    if (clear) depth.clear = VkClearValue{.depthStencil = {1.0f, 0}};
    pass.depth = std::move(depth);
  }
  pass.width = width_;
  pass.height = height_;
  pass.draws = std::move(calls);
  commands.render(pass);
}

vk::BufferRef Target::read(vk::Commands& commands, const std::shared_ptr<vk::Image>& image,
                           vk::ImageRegion region) const {
  if (region.width == 0 || region.height == 0 || uint64_t{region.x} + region.width > width_ ||
      uint64_t{region.y} + region.height > height_)
    throw Error(ErrorCode::OUT_OF_RANGE, "a region outside the target",
                "within " + std::to_string(width_) + " x " + std::to_string(height_),
                std::to_string(region.x) + ", " + std::to_string(region.y) + " + " + std::to_string(region.width) +
                    " x " + std::to_string(region.height));
  const uint64_t bytes = uint64_t{region.width} * region.height * vk::format_info(image->spec().format).bytes;
  vk::BufferRef texels(vk::Buffer::create(device_, bytes, vk::Memory::readback, "readback"));
  commands.read_image(image, region, texels);
  return texels;
}

vk::BufferRef Target::read_color(vk::Commands& commands, vk::ImageRegion region) const {
  return read(commands, color_, region);
}

vk::BufferRef Target::read_depth(vk::Commands& commands, vk::ImageRegion region) const {
  if (!depth_ || options_.samples > 1)
    throw Error(ErrorCode::WRONG_STATE, "this target has no depth to read", "a target with depth and one sample",
                depth_ ? std::to_string(options_.samples) + " samples" : "no depth");
  return read(commands, depth_, region);
}

uint32_t Target::color_bytes() const { return vk::format_info(options_.color).bytes; }

void copy_out(void* to, const vk::BufferRef& from) {
  from.buffer->wait_readable();
  from.buffer->invalidate(from.offset, from.size);
  std::memcpy(to, from.buffer->mapped() + from.offset, from.size);
}

}  // namespace forge::graphics
