#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forge/graphics/png/deflate.hpp"

// A picture's rows, filtered and packed in strips that share nothing, so that several threads can make them.
namespace forge::graphics::png {

struct StripRules {
  size_t row_bytes;
  size_t unit;          // bytes of a pixel
  size_t sample_bytes;  // 2: samples are uint16 of this machine, the file's have the high byte first
  int level;            // 1 to 3
};

/// Somebody's rows; `above` is the one before the first, null at the top of the picture.
struct Rows {
  const uint8_t* data;
  ptrdiff_t stride;
  size_t count;
  const uint8_t* above;
};

struct PackedStrip {
  std::vector<uint8_t> bytes;  // a block of DEFLATE
  uint32_t checksum;           // Adler-32 of what was packed
  uint64_t unpacked;           // bytes
};

/// Packs rows as strips in order; `last` ends the stream with them. Uses all cores, and has no thread left afterwards.
std::vector<PackedStrip> pack_strips(const StripRules& rules, const Rows& rows, bool last);

/// Rows of a strip, but for the last one.
size_t rows_of_strip(size_t row_bytes);

/// Rows that are worth a call: a strip for each core and some.
size_t rows_at_once(const StripRules& rules);

}  // namespace forge::graphics::png
