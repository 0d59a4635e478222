#pragma once

#include <cstdint>
#include <vector>

#include "forge/vk/device.hpp"

namespace forge::vk {

/// One product that a device's matrix units know: (m, k) times (k, n), by a subgroup.
struct CooperativeShape {
  uint32_t m = 0, n = 0, k = 0;
  bool float16_operands = false;
  bool float32_sums = false;
};

/// What VK_KHR_cooperative_matrix offers on a device; empty where it is not there.
std::vector<CooperativeShape> cooperative_shapes(const Device& device);

}  // namespace forge::vk
