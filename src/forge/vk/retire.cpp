// The only file that destroys what a Device's users made.
#include <algorithm>

#include "forge/vk/device.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/vma.hpp"

namespace forge::vk {

void Device::retire(VkObjectType type, uint64_t handle, uint64_t after) {
  if (!handle || pid_ != process_id()) return;
  Retired item;
  item.after = after;
  item.type = type;
  item.handle = handle;
  const std::lock_guard lock(retire_mutex_);
  retired_.push_back(std::move(item));
}

void Device::retire_buffer(const RawBuffer& raw, uint64_t, uint64_t after, std::shared_ptr<void> keepalive) {
  if (pid_ != process_id()) return;
  Retired item;
  item.after = after;
  item.type = VK_OBJECT_TYPE_BUFFER;
  item.buffer = raw;
  item.keepalive = std::move(keepalive);
  if (after <= all_passed() || lost_) return destroy(item);  // nothing to wait for
  const std::lock_guard lock(retire_mutex_);
  retired_.push_back(std::move(item));
}

void Device::retire_image(VkImage image, VmaAllocation allocation, uint64_t after) {
  if (pid_ != process_id()) return;
  Retired item;
  item.after = after;
  item.type = VK_OBJECT_TYPE_IMAGE;
  item.handle = reinterpret_cast<uint64_t>(image);
  item.buffer.allocation = allocation;
  const std::lock_guard lock(retire_mutex_);
  retired_.push_back(std::move(item));
}

void Device::destroy_raw(const RawBuffer& raw) {
  if (raw.allocation) {
    vmaDestroyBuffer(allocator_, raw.buffer, raw.allocation);
    return;
  }
  vk_.vkDestroyBuffer(handle_, raw.buffer, nullptr);
  vk_.vkFreeMemory(handle_, raw.imported, nullptr);
}

void Device::destroy(Retired& item) {
  switch (item.type) {
    case VK_OBJECT_TYPE_BUFFER: {
      bool pooled = false;
      if (item.buffer.allocation && !lost_) {
        const std::lock_guard lock(retire_mutex_);
        pooled = pool_.give(item.buffer);
      }
      if (!pooled) destroy_raw(item.buffer);
      break;
    }
    case VK_OBJECT_TYPE_IMAGE:
      vmaDestroyImage(allocator_, reinterpret_cast<VkImage>(item.handle), item.buffer.allocation);
      break;
    case VK_OBJECT_TYPE_IMAGE_VIEW:
      vk_.vkDestroyImageView(handle_, reinterpret_cast<VkImageView>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_PIPELINE:
      vk_.vkDestroyPipeline(handle_, reinterpret_cast<VkPipeline>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_PIPELINE_LAYOUT:
      vk_.vkDestroyPipelineLayout(handle_, reinterpret_cast<VkPipelineLayout>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT:
      vk_.vkDestroyDescriptorSetLayout(handle_, reinterpret_cast<VkDescriptorSetLayout>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_SHADER_MODULE:
      vk_.vkDestroyShaderModule(handle_, reinterpret_cast<VkShaderModule>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_COMMAND_POOL:
      vk_.vkDestroyCommandPool(handle_, reinterpret_cast<VkCommandPool>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_DESCRIPTOR_POOL:
      vk_.vkDestroyDescriptorPool(handle_, reinterpret_cast<VkDescriptorPool>(item.handle), nullptr);
      break;
    case VK_OBJECT_TYPE_QUERY_POOL:
      vk_.vkDestroyQueryPool(handle_, reinterpret_cast<VkQueryPool>(item.handle), nullptr);
      break;
    default: FORGE_ASSERT(false && "an object type without a row here");
  }
  item.keepalive.reset();
}

void Device::trim() {
  std::vector<RawBuffer> unused;
  {
    const std::lock_guard lock(retire_mutex_);
    unused = pool_.drain();
  }
  for (const RawBuffer& raw : unused) destroy_raw(raw);
}

ObjectCounts Device::counts() {
  collect();
  ObjectCounts counts;
  counts.buffers = buffers_;
  counts.imports = imports_;
  counts.images = images_;
  counts.pipelines = pipelines_;
  counts.buffer_bytes = buffer_bytes_;
  const std::lock_guard lock(retire_mutex_);
  counts.other = retired_.size() + in_flight_[0].size() + in_flight_[1].size();
  counts.pooled_bytes = pool_.bytes();
  return counts;
}

}  // namespace forge::vk
