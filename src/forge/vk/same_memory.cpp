#include "forge/vk/same_memory.hpp"

namespace forge::vk {

namespace {

constexpr uint64_t kHostMemory = 0;  // next_resource_id() begins with 1

}  // namespace

Extent extent_of(const BufferRef& ref) {
  const Buffer& buffer = *ref.buffer;
  const bool host = buffer.imported();
  const uint64_t begin = (host ? reinterpret_cast<uintptr_t>(buffer.mapped()) : 0) + ref.offset;
  return {host ? kHostMemory : buffer.id(), begin, begin + ref.size};
}

bool overlap(const BufferRef& a, const BufferRef& b) {
  const Extent one = extent_of(a), other = extent_of(b);
  return one.resource == other.resource && one.begin < other.end && other.begin < one.end;
}

bool share_memory(const Buffer& a, const Buffer& b) {
  if (&a == &b) return true;
  return a.imported() && b.imported() && a.mapped() < b.mapped() + b.size() && b.mapped() < a.mapped() + a.size();
}

}  // namespace forge::vk
