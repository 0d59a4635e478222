// Buffers' memory: by intent through the Vulkan Memory Allocator, or the host's own pages.
#include <algorithm>
#include <span>

#include "forge/vk/device.hpp"
#include "forge/vk/vma.hpp"

namespace forge::vk {

namespace {

constexpr VkBufferUsageFlags kUsage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                                      VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                                      VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
// Recordings are chosen by where their memory starts, up to this: by luck a driver that asks for less would start results
// where none of them was made for.
constexpr VkDeviceSize kStart = 256;
// Drawing from a buffer needs these; compute-only devices accept them too.
constexpr VkBufferUsageFlags kDrawUsage =
    VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_INDEX_BUFFER_BIT | VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT;

VkBufferCreateInfo buffer_info(uint64_t bytes, std::span<const uint32_t> families) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = bytes;
  info.usage = kUsage | kDrawUsage;
  // Both lanes use any buffer without handing it over; buffers lose nothing by that, unlike images.
  info.sharingMode = families.size() > 1 ? VK_SHARING_MODE_CONCURRENT : VK_SHARING_MODE_EXCLUSIVE;
  if (families.size() > 1) {
    info.queueFamilyIndexCount = static_cast<uint32_t>(families.size());
    info.pQueueFamilyIndices = families.data();
  }
  return info;
}

VmaAllocationCreateInfo memory_info(Memory intent, bool unified) {
  VmaAllocationCreateInfo info{};
  info.usage = VMA_MEMORY_USAGE_UNKNOWN;
  constexpr auto local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  constexpr auto visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  constexpr auto cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  constexpr auto coherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  switch (intent) {
    case Memory::device:
      info.requiredFlags = unified ? local | visible | cached : 0;
      info.preferredFlags = local | (unified ? coherent : 0);
      break;
    case Memory::upload:
      info.requiredFlags = visible;
      info.preferredFlags = coherent | (unified ? local | cached : 0);
      break;
    case Memory::readback:
      info.requiredFlags = visible;
      info.preferredFlags = cached | coherent;
      break;
    case Memory::shared:
      info.requiredFlags = visible;
      info.preferredFlags = local | cached | coherent;
      break;
  }
  if (intent != Memory::device || unified) info.flags |= VMA_ALLOCATION_CREATE_MAPPED_BIT;
  return info;
}

VkDeviceAddress address_of(const Device& device, VkBuffer buffer) {
  VkBufferDeviceAddressInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO;
  info.buffer = buffer;
  return device.vk().vkGetBufferDeviceAddress(device.handle(), &info);
}

void refuse_beyond_limit(const Device& device, uint64_t size) {
  const uint64_t most = device.limits().max_buffer_bytes;
  if (size > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "one buffer cannot be this large on " + device.info().name,
                "at most " + std::to_string(most) + " bytes", std::to_string(size) + " bytes",
                "work in pieces, or choose a device with a larger limit")
        .with("limit", std::to_string(most));
}

}  // namespace

RawBuffer Device::allocate(uint64_t capacity, Memory intent) {
  const VkBufferCreateInfo info = buffer_info(capacity, families_);
  const VmaAllocationCreateInfo memory = memory_info(intent, unified_);
  RawBuffer raw;
  VmaAllocationInfo placed{};
  const VkResult result = attempt("vmaCreateBuffer", [&] {
    return vmaCreateBufferWithAlignment(allocator_, &info, &memory, kStart, &raw.buffer, &raw.allocation, &placed);
  });
  if (result < 0) throw_result("vkAllocateMemory", result);
  VkMemoryPropertyFlags flags = 0;
  vmaGetAllocationMemoryProperties(allocator_, raw.allocation, &flags);
  raw.mapped = static_cast<std::byte*>(placed.pMappedData);
  raw.coherent = (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  raw.capacity = capacity;
  raw.intent = intent;
  raw.address = address_of(*this, raw.buffer);
  return raw;
}

// Memory that the device has yet to finish with and that would serve: its number, where so much waits that a host which runs
// ahead should wait as well, instead of taking more. 0: take more.
uint64_t Device::worth_waiting_for(Memory intent, uint64_t capacity) {
  constexpr uint64_t kMostWaiting = 64 << 20, kMostOfOtherSizes = 512 << 20;
  const std::lock_guard lock(retire_mutex_);
  uint64_t waiting = 0, oldest = 0, fitting = 0;
  for (const Retired& item : retired_) {
    if (item.type != VK_OBJECT_TYPE_BUFFER || !item.buffer.allocation) continue;
    waiting += item.buffer.capacity;
    if (oldest == 0 || item.after < oldest) oldest = item.after;
    const bool fits = item.buffer.intent == intent && item.buffer.capacity == capacity;
    if (fits && (fitting == 0 || item.after < fitting)) fitting = item.after;
  }
  if (waiting >= kMostWaiting && fitting != 0) return fitting;
  return waiting >= kMostOfOtherSizes ? oldest : 0;
}

RawBuffer Device::take_buffer(uint64_t size, Memory intent, const std::string& label) {
  check_usable();
  refuse_beyond_limit(*this, size);
  const uint64_t capacity = std::max(size, std::min(BufferPool::size_class(size), limits().max_buffer_bytes));
  RawBuffer raw;
  const auto kept = [&] {
    const std::lock_guard lock(retire_mutex_);
    return pool_.take(intent, capacity, raw);
  };
  if (kept()) return raw;
  collect();
  if (kept()) return raw;
  if (const uint64_t number = worth_waiting_for(intent, capacity)) {
    wait(number);
    collect();
    if (kept()) return raw;
  }
  try {
    raw = allocate(capacity, intent);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::OUT_OF_DEVICE_MEMORY && error.code() != ErrorCode::OUT_OF_HOST_MEMORY) throw;
    wait_idle();  // what runs may hold memory that is free once it has run
    trim();  // and what is only kept for later gives way
    try {
      raw = allocate(capacity, intent);
    } catch (const Error& again) {
      if (again.vk_result() == 0) throw;
      throw Error(again.code(), "the device has no room for " + std::to_string(size) + " bytes", {},
                  std::to_string(buffer_bytes_.load()) + " bytes held by " + std::to_string(buffers_.load()) +
                      " live buffers; the largest: " + ledger_.largest(),
                  "close arrays that are no longer needed, or work in smaller pieces")
          .with("requested_bytes", std::to_string(size))
          .with("holders", ledger_.largest(20))
          .with_result(again.vk_result(), result_name(static_cast<VkResult>(again.vk_result())));
    }
  }
  name_object(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<uint64_t>(raw.buffer), label);
  return raw;
}

RawBuffer Device::import_host(void* page, uint64_t bytes) {
  check_usable();
  refuse_beyond_limit(*this, bytes);
  constexpr auto kind = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
  const auto refuse = [&](VkResult result) {
    throw Error(ErrorCode::INTEROP, "the driver did not import this host memory", "pages it can map",
                std::string(result_name(result)), "use vf.asarray, which copies")
        .with_result(result, result_name(result));
  };
  VkMemoryHostPointerPropertiesEXT pages{};
  pages.sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT;
  VkResult result = attempt("vkGetMemoryHostPointerPropertiesEXT",
                            [&] { return vk_.vkGetMemoryHostPointerPropertiesEXT(handle_, kind, page, &pages); });
  if (result < 0 || pages.memoryTypeBits == 0) refuse(result < 0 ? result : VK_ERROR_INVALID_EXTERNAL_HANDLE);

  VkExternalMemoryBufferCreateInfo external{};
  external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO;
  external.handleTypes = kind;
  VkBufferCreateInfo info = buffer_info(bytes, families_);
  info.pNext = &external;
  RawBuffer raw;
  result = attempt("vkCreateBuffer", [&] { return vk_.vkCreateBuffer(handle_, &info, nullptr, &raw.buffer); });
  if (result < 0) refuse(result);
  VkMemoryRequirements needs{};
  vk_.vkGetBufferMemoryRequirements(handle_, raw.buffer, &needs);

  VkImportMemoryHostPointerInfoEXT host{};
  host.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT;
  host.handleType = kind;
  host.pHostPointer = page;
  VkMemoryAllocateFlagsInfo flags{};
  flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO;
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  flags.pNext = &host;
  VkMemoryAllocateInfo allocation{};
  allocation.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  allocation.pNext = &flags;
  allocation.allocationSize = bytes;
  uint32_t types = needs.memoryTypeBits & pages.memoryTypeBits;
  for (size_t i = 0; i < info_.memory.size(); ++i)
    if (!info_.memory[i].coherent) types &= ~(1u << i);  // nobody flushes what is imported
  allocation.memoryTypeIndex = types ? static_cast<uint32_t>(__builtin_ctz(types)) : 0;
  result = types == 0 ? VK_ERROR_INVALID_EXTERNAL_HANDLE : attempt("vkAllocateMemory", [&] {
    return vk_.vkAllocateMemory(handle_, &allocation, nullptr, &raw.imported);
  });
  if (result == VK_SUCCESS)
    result =
        attempt("vkBindBufferMemory", [&] { return vk_.vkBindBufferMemory(handle_, raw.buffer, raw.imported, 0); });
  if (result < 0) {
    vk_.vkDestroyBuffer(handle_, raw.buffer, nullptr);
    vk_.vkFreeMemory(handle_, raw.imported, nullptr);
    refuse(result);
  }
  raw.mapped = static_cast<std::byte*>(page);
  raw.capacity = bytes;
  raw.intent = Memory::shared;
  raw.address = address_of(*this, raw.buffer);
  return raw;
}

}  // namespace forge::vk
