#pragma once

#include <vector>

#include "forge/array/fuse/fused.hpp"

namespace forge::array {

/// Whether kernels can hold values of a dtype in memory and compute with them.
bool device_has(const vk::Device& device, DType dtype);

/// The same of a value and all that it is to be computed from.
bool device_has_all_of(const vk::Device& device, const Node& node);

enum class HostWork : unsigned char {
  small,      // what costs less than handing it to the device, and need not wait
  if_needed,  // what has dtypes that the device lacks
};
/// Whether the host should compute this; it must see all of the memory.
bool suits_host(const Fused& fused, const std::vector<Array>& outputs, HostWork allowed);

/// Computes a fused expression with the host's own arithmetic: the same expressions as the device's, and the same bits where
/// the device rounds as IEEE 754 says.
void run_on_host(const Fused& fused, const std::vector<Array>& outputs);

}  // namespace forge::array
