#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forge/vk/vulkan.hpp"

// Which barrier a command needs, derived from what it and the commands before it read and write.
// Plain data: tested without a device.
namespace forge::vk {

/// How a command touches a resource. One row decides stage, access and (of images) layout.
// clang-format off: a row for each stage
enum class Usage : unsigned char {
  compute_read, compute_write, compute_read_write,
  vertex_shader_read, fragment_shader_read, fragment_shader_write,
  vertex_input, index_input, indirect_input,
  transfer_read, transfer_write,
  color_attachment, depth_attachment, depth_read, resolve_target,
  sampled_compute, sampled_fragment, sampled_vertex,
  host_read,
  vertex_shader_write, depth_resolve,
};
// clang-format on

struct UsageRow {
  VkPipelineStageFlags stages;
  VkAccessFlags access;
  bool writes;
  VkImageLayout layout;  // UNDEFINED for usages of buffers
};
const UsageRow& usage_row(Usage usage);

/// One touch of a range of a buffer, or of a whole image.
struct Touch {
  uint64_t resource = 0;  // a number that names the buffer or image
  uint64_t begin = 0;
  uint64_t end = ~0ULL;
  Usage usage = Usage::compute_read;
};

struct Transition {
  uint64_t resource = 0;
  VkImageLayout from = VK_IMAGE_LAYOUT_UNDEFINED;
  VkImageLayout to = VK_IMAGE_LAYOUT_UNDEFINED;
};

/// What must stand before a command; one Vulkan barrier call, or none.
struct BarrierPlan {
  VkPipelineStageFlags from_stages = 0;
  VkPipelineStageFlags to_stages = 0;
  VkAccessFlags from_access = 0;
  VkAccessFlags to_access = 0;
  std::vector<Transition> transitions;
  bool needed() const { return from_stages != 0 || !transitions.empty(); }
};

/// Follows one recording. Image layouts start at what `begin_image` says.
class AccessTracker {
 public:
  /// Plans the barrier for a command with these touches, and notes them.
  BarrierPlan next(std::span<const Touch> touches);
  /// The layout an image is in where the recording begins; images are told apart from buffers by this call.
  void begin_image(uint64_t resource, VkImageLayout layout);
  bool knows_image(uint64_t resource) const;
  /// Brings every image to the layout that the recording promised to leave it in.
  BarrierPlan finish(std::span<const Transition> homes);
  void clear();

 private:
  struct Past {
    uint64_t resource, begin, end;
    VkPipelineStageFlags stages;
    VkAccessFlags access;
    bool writes;
    VkPipelineStageFlags seen_by;  // stages that a barrier since then has synchronised
  };
  struct ImageState {
    uint64_t resource;
    VkImageLayout layout;
  };
  ImageState* image(uint64_t resource);
  void forget(const Touch& touch);
  void note(const Touch& touch, const UsageRow& row, bool writes);
  void apply(const BarrierPlan& plan);

  std::vector<Past> past_;
  std::vector<ImageState> images_;
};

}  // namespace forge::vk
