#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "forge/vk/vulkan.hpp"

typedef struct VmaAllocator_T* VmaAllocator;
typedef struct VmaAllocation_T* VmaAllocation;

namespace forge::vk {

/// What memory is for; the flags follow from it and from what the device has.
enum class Memory : unsigned char {
  device,    // kernels work here; the host sees it only where that costs nothing
  upload,    // the host writes once, the device reads
  readback,  // the device writes, the host reads (cached)
  shared,    // both, always visible to the host
};
std::string_view name_of(Memory intent);

/// Buffer and memory as Vulkan knows them; plain values that move between a Buffer, the retire list and the pool.
struct RawBuffer {
  VkBuffer buffer = VK_NULL_HANDLE;
  VmaAllocation allocation = nullptr;      // null for imported host memory
  VkDeviceMemory imported = VK_NULL_HANDLE;
  VkDeviceAddress address = 0;
  std::byte* mapped = nullptr;             // null where the host cannot see it
  uint64_t capacity = 0;                   // bytes, >= what was asked for
  Memory intent = Memory::device;
  bool coherent = true;
};

/// Freed buffers whose last use has passed, by intent and size: repeated temporaries cost no allocation.
class BufferPool {
 public:
  explicit BufferPool(uint64_t most_bytes) : most_bytes_(most_bytes) {}
  static uint64_t size_class(uint64_t bytes);
  bool take(Memory intent, uint64_t capacity, RawBuffer& out);
  bool give(const RawBuffer& raw);            // false: no room, the caller destroys it
  std::vector<RawBuffer> drain();
  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t most_bytes_;
  uint64_t bytes_ = 0;
  std::multimap<std::pair<Memory, uint64_t>, RawBuffer> free_;
};

}  // namespace forge::vk
