#pragma once

#include "forge/array/ops/elements.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// Reduces the segments offsets[i] to offsets[i + 1] of an array with one axis; an empty one gives the operation's identity.
/// Offsets are checked first, which waits: OUT_OF_RANGE where one lies beyond the array or after the next.
Array segmented_reduce(vk::Commands& commands, const Array& in, const Array& offsets, Operation op);

}  // namespace forge::array
