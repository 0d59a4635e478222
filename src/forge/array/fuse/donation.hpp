#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "forge/array/fuse/fused.hpp"

namespace forge::array {

/// For each output the memory of an input that nothing else will read: results may be written over it, each element at the
/// place that it is computed from. None where there is no such input of the output's size. Not for recordings, which run again.
std::vector<std::optional<Array>> donated_memory(const Fused& fused);

}  // namespace forge::array
