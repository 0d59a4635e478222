#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace forge::array {

/// What divide() of shaders/include/divide.glsl takes: (magic, add, shift). Right for values below 2^31.
inline std::array<uint32_t, 3> divider(uint32_t by) {
  const auto width = static_cast<uint32_t>(std::bit_width(by - 1));
  if (std::has_single_bit(by)) return {0, 1, width};
  return {static_cast<uint32_t>((uint64_t{1} << (31 + width)) / by + 1), 0, width - 1};
}

}  // namespace forge::array
