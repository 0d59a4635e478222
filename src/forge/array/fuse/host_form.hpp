#pragma once

#include <vector>

#include "forge/array/fuse/fused.hpp"

namespace forge::array {

/// Whether kernels can hold values of a dtype in memory and compute with them.
bool device_has(const vk::Device& device, DType dtype);

/// The same of a value and all that it is to be computed from.
bool device_has_all_of(const vk::Device& device, const Node& node);

/// What the host takes for a fused expression, in cheap statements of one element: about 0.1 ns each.
int64_t host_cost(const Fused& fused);
/// What costs less than handing it to the device.
int64_t small_work(const vk::Device& device);
/// Whether the host should compute this from `inputs`, which lie where the expression's own do or stand for them. It must see all
/// of the memory: where it has dtypes that the device lacks, and where it is `cheap` and need not wait.
bool suits_host(const Fused& fused, const std::vector<Array>& inputs, const std::vector<Array>& outputs, bool cheap);

/// Computes a fused expression with the host's own arithmetic: the same expressions as the device's, and the same bits where
/// the device rounds as IEEE 754 says.
void run_on_host(const Fused& fused, const std::vector<Array>& inputs, const std::vector<Array>& outputs);

}  // namespace forge::array
