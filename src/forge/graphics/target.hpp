#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forge/vk/commands.hpp"
#include "forge/vk/pipeline.hpp"
#include "forge/vk/texel.hpp"

namespace forge::graphics {

struct TargetOptions {
  std::vector<VkFormat> colors = {VK_FORMAT_R8G8B8A8_SRGB};
  VkFormat depth = VK_FORMAT_D32_SFLOAT;  // UNDEFINED: no depth; one with stencil has both
  uint32_t samples = 1;                   // 1, 2, 4 or 8; more than one is resolved into the picture
  std::vector<std::string> names = {};    // of the attachments; none: they go by number alone
  bool sampled = false;                   // colours and depth can be textures
};

/// What a draw starts from.
struct Clear {
  std::vector<VkClearColorValue> colors;  // of each attachment
  float depth = 1;
  uint32_t stencil = 0;

  Clear() = default;
  Clear(std::array<float, 4> linear);  // NOLINT(google-explicit-constructor): a colour of one attachment
};

/// One attachment of a target, as it is read.
struct Plane {
  enum class Kind : unsigned char { color, depth, stencil } kind = Kind::color;
  uint32_t index = 0;  // of colours
};

/// An offscreen picture of one attachment or several, with depth and stencil. Rows are read back without padding.
class Target {
 public:
  /// Throws LIMIT_EXCEEDED, MISSING_FEATURE or INVALID_ARGUMENT where the device cannot make it.
  Target(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const TargetOptions& options = {});

  uint32_t width() const { return width_; }
  uint32_t height() const { return height_; }
  const TargetOptions& options() const { return options_; }
  const std::shared_ptr<vk::Device>& device() const { return device_; }
  bool has_depth() const { return depth_ != nullptr; }
  bool has_stencil() const;

  /// What a pipeline must know about this target.
  void describe(vk::DrawState& state) const;
  const std::string& key() const { return key_; }  // the same for targets that describe themselves alike

  /// Clears (colour in linear light) and draws; draws that follow without a clear add to the picture.
  void draw(vk::Commands& commands, std::vector<vk::DrawCall> calls, const std::optional<Clear>& clear) const;
  /// Clears to zeros and depth 1, so that draws without a clear have something to add to. Not a picture: see is_drawn().
  void prepare();
  /// True once a submission has drawn or cleared since prepare().
  bool is_drawn() const;

  /// Records the copy into host-visible memory; what it gives may be read once the submission has passed.
  vk::BufferRef read(vk::Commands& commands, Plane plane, vk::ImageRegion region) const;
  /// Records the copy into `to`, which has as many bytes.
  void read_into(vk::Commands& commands, Plane plane, vk::ImageRegion region, const vk::BufferRef& to) const;
  vk::ImageRegion whole() const { return {0, 0, width_, height_}; }
  uint32_t bytes(Plane plane) const;  // a pixel
  void check_region(vk::ImageRegion region) const;  // throws OUT_OF_RANGE
  /// A colour attachment as textures have it; throws MISSING_FEATURE where the device does not sample its format.
  const std::shared_ptr<vk::Image>& color(uint32_t index) const;
  /// Depth, of one sample, as textures have it; throws as color() does, and where there is stencil beside it.
  const std::shared_ptr<vk::Image>& depth() const;
  /// Throws INVALID_ARGUMENT where a call reads what it draws into.
  void check_feedback(const std::vector<vk::DrawCall>& calls) const;

 private:
  struct Attached {
    std::shared_ptr<vk::Image> image;  // single-sampled: what is read
    std::shared_ptr<vk::Image> multisampled;  // null for one sample
    const std::shared_ptr<vk::Image>& drawn() const { return multisampled ? multisampled : image; }
  };
  void check(const TargetOptions& options) const;
  vk::Attachment attachment(const Attached& attached) const;
  const std::shared_ptr<vk::Image>& image_of(Plane plane) const;
  static void check_sampled(const vk::Image& image);
  uint64_t last_write() const;

  std::shared_ptr<vk::Device> device_;
  uint32_t width_, height_;
  TargetOptions options_;
  std::string key_;
  std::vector<Attached> colors_;
  std::shared_ptr<Attached> depth_;
  uint64_t prepared_ = 0;  // number of the submission that cleared it
};

/// The largest count of samples up to `wanted` that the device can draw with.
uint32_t supported_samples(const vk::Device& device, uint32_t wanted);
/// The format that has depth and stencil, or UNDEFINED.
VkFormat stencil_format(const vk::Device& device);
/// Names of the formats that the device draws into: "r8, rg8, ...".
std::string color_formats(const vk::Device& device);

/// Copies what a finished submission has read back out of its buffer.
void copy_out(void* to, const vk::BufferRef& from);
/// Depths as they were read become float32 in place, whatever the format holds them as.
void unpack_depths(float* depths, uint64_t count, VkFormat format);

}  // namespace forge::graphics
