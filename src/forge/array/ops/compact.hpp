#pragma once

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// The elements of x whose mask is not zero, in order: x[mask]. A mask of x's shape picks elements, one with a single axis
/// picks entries of x's first. Submits what counts them and waits for the count; the rest is recorded.
Array compact(vk::Commands& commands, const Array& in, const Array& mask);

/// Positions of the elements that are not zero, as int64, in the flattened array. Submits and waits as compact does.
Array nonzero(vk::Commands& commands, const Array& mask);

}  // namespace forge::array
