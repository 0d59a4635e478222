#pragma once

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// A contiguous copy with the last two axes swapped; leading axes are a batch.
Array transpose(vk::Commands& commands, const Array& in);

}  // namespace forge::array
