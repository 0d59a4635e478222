#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "forge/array/ops/groups.hpp"
#include "forge/core/error.hpp"
#include "forge/vk/buffer.hpp"

// A batch in pieces that one dispatch can span.
namespace forge::array {

inline constexpr uint64_t kGroup = 64;
inline constexpr uint64_t kMostBytes = uint64_t{0xF0000000};      // that one dispatch spans: its indices are 32 bits

inline uint32_t word(uint64_t value) { return static_cast<uint32_t>(value); }

/// Batches that one dispatch may span.
inline uint64_t batches_of(uint64_t bytes_each, uint64_t batch) {
  if (bytes_each > kMostBytes)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a transform along an axis whose lines span too much memory",
                std::to_string(kMostBytes) + " bytes", std::to_string(bytes_each),
                "transform parts of the axes behind it");
  return std::min(batch, kMostBytes / bytes_each);
}

/// Calls record(first batch, batches) for pieces of a batch.
template <class Record>
void in_pieces(uint64_t bytes_each, uint64_t batch, Record&& record) {
  const uint64_t most = batches_of(std::max<uint64_t>(bytes_each, 1), batch);
  for (uint64_t first = 0; first < batch; first += most) record(first, std::min(most, batch - first));
}

/// Part of a buffer from an offset on, whatever its length: parts of scratch memory are longer than what they hold.
inline vk::BufferRef from_offset(const vk::BufferRef& whole, uint64_t offset) {
  offset = std::min(offset, whole.size);  // beyond the end nothing is read
  return whole.part(offset, whole.size - offset);
}

}  // namespace forge::array
