#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace forge::array {

/// Workgroups of `in_group` threads for so many threads, as a rectangle: no extent meets the 65,535 that a device may allow.
inline std::array<uint32_t, 3> grid_of(uint64_t threads, uint64_t in_group) {
  constexpr uint64_t kWidest = 32768;
  const uint64_t groups = (threads + in_group - 1) / in_group, x = std::min(groups, kWidest);
  if (x == 0) return {0, 1, 1};
  return {static_cast<uint32_t>(x), static_cast<uint32_t>((groups + x - 1) / x), 1};
}

}  // namespace forge::array
