#pragma once

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// What becomes of indices outside of the axis.
enum class IndexMode : unsigned char {
  raise,    // looked for first, which waits: OUT_OF_RANGE, and nothing is moved
  clip,     // the nearest end; negative ones are 0
  wrap,     // counted on round the axis
  trusted,  // known to lie inside; negative ones count from the end
};

/// in[..., indices, ...] along an axis; the shape of indices takes the axis's place.
Array gather(vk::Commands& commands, const Array& in, const Array& indices, int64_t axis, IndexMode mode);

enum class Scatter : unsigned char { set, add, min, max, mul };

/// target[..., indices, ...] = values, or +=, *=, or the smaller or larger. `values` has gather's shape, or one element.
/// Of several values for one place `set` keeps one, whichever; the others take all, floats in no fixed order.
void scatter(vk::Commands& commands, const Array& target, const Array& indices, const Array& values, int64_t axis,
             Scatter op, IndexMode mode);

}  // namespace forge::array
