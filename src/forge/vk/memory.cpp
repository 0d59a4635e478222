#include "forge/vk/memory.hpp"

#include <algorithm>
#include <bit>

namespace forge::vk {

std::string_view name_of(Memory intent) {
  constexpr std::string_view names[] = {"device", "upload", "readback", "shared"};
  return names[static_cast<size_t>(intent)];
}

// Powers of two up to a page, then eighths of one: a buffer wastes at most 12.5 %.
uint64_t BufferPool::size_class(uint64_t bytes) {
  const uint64_t least = std::max<uint64_t>(bytes, 256);
  const uint64_t power = std::bit_ceil(least);
  if (power <= 4096) return power;
  const uint64_t step = power / 16;
  return (least + step - 1) / step * step;
}

bool BufferPool::take(Memory intent, uint64_t capacity, RawBuffer& out) {
  const auto found = free_.find({intent, capacity});
  if (found == free_.end()) return false;
  out = found->second;
  bytes_ -= capacity;
  free_.erase(found);
  return true;
}

bool BufferPool::give(const RawBuffer& raw) {
  if (bytes_ + raw.capacity > most_bytes_) return false;
  free_.emplace(std::pair{raw.intent, raw.capacity}, raw);
  bytes_ += raw.capacity;
  return true;
}

std::vector<RawBuffer> BufferPool::drain() {
  std::vector<RawBuffer> all;
  for (auto& [key, raw] : free_) all.push_back(raw);
  free_.clear();
  bytes_ = 0;
  return all;
}

}  // namespace forge::vk
