#include "forge/array/ops/window.hpp"

#include <algorithm>

#include "forge/core/error.hpp"

namespace forge::array {

Window window_on(vk::Commands& commands, const vk::BufferRef& memory, uint64_t from, uint64_t bytes, uint32_t word) {
  const vk::BufferRef part = memory.part(from, bytes);
  const uint64_t alignment = std::max<uint64_t>(commands.device().limits().storage_offset_alignment, 1);
  const uint64_t over = (part.buffer->origin() + part.offset) % alignment;
  if (over == 0) return {part, 0};
  if (over <= part.offset && over % word == 0)
    return {{part.buffer, part.offset - over, bytes + over}, static_cast<uint32_t>(over / word)};
  vk::BufferRef copy = vk::Buffer::create(commands.device_ptr(), bytes, vk::Memory::device);
  commands.copy(part, copy);
  return {copy, 0};
}

uint64_t window_limit(const vk::Device& device) {
  constexpr uint64_t kIndexed = 0xFFFF0000;  // words of one byte still have 32-bit numbers
  const vk::Limits& limits = device.limits();
  return std::min(limits.max_storage_range, kIndexed) - limits.storage_offset_alignment;
}

}  // namespace forge::array
