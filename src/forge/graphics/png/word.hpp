#pragma once

#include <cstdint>

namespace forge::graphics::png {

/// Four bytes of a file, the high one first.
inline uint32_t word(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

}  // namespace forge::graphics::png
