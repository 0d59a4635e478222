#include "forge/shader/packed.hpp"

#include <algorithm>
#include <cstring>

#include "forge/core/error.hpp"

namespace forge::shader {

void PackedArguments::pointer(uint32_t push_offset, const vk::BufferRef& buffer, Access access) {
  const uint64_t address = buffer.address();
  value(push_offset, &address, sizeof address);
  addressed_.push_back({buffer, access, push_offset});
}

void PackedArguments::value(uint32_t push_offset, const void* bytes, size_t size) {
  FORGE_ASSERT(size <= kMostPush && push_offset <= kMostPush - size);
  std::memcpy(push_.data() + push_offset, bytes, size);
  push_size_ = std::max(push_size_, push_offset + size);
}

void PackedArguments::bind(uint32_t set, uint32_t binding, const vk::BufferRef& buffer, Access access) {
  bound_.push_back({set, binding, access, buffer});
}

void PackedArguments::bind(uint32_t set, uint32_t binding, const vk::TextureRef& texture, Access access) {
  bound_.push_back({set, binding, access, texture});
}

}  // namespace forge::shader
