#pragma once

#include <optional>

#include "forge/array/ops/elements.hpp"
#include "forge/array/ops/strips.hpp"

namespace forge::array {

/// Reduces some axes, or all where `axes` is nothing, as NumPy's function of the operation's name does: dtypes, NaN, and
/// what an empty axis gives. Sums of floats are added in blocks, so that the error grows as that of a pairwise sum.
/// argmin and argmax take one axis or all.
Array reduce(vk::Commands& commands, const Array& in, Operation op, const std::optional<Dims>& axes = {},
             bool keepdims = false);

/// One pass: every part of every column becomes a state, (outer, parts, inner). `from_state`: of states already.
vk::BufferRef reduce_parts(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
                           const Strips& strips, bool from_state);

/// All passes: `out` gets (outer, inner) results of the dtype `how.out`.
void reduce_into(vk::Commands& commands, const Combining& how, vk::BufferRef in, AxisView view, bool from_state,
                 const vk::BufferRef& out);

}  // namespace forge::array
