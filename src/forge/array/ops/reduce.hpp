#pragma once

#include <optional>

#include "forge/array/ops/elements.hpp"

namespace forge::array {

/// Reduces one axis, or all where `axis` is empty, as NumPy's function of the operation's name does: dtypes, NaN, and what
/// an empty axis gives. Sums of floats are added in blocks, so that the error grows as that of a pairwise sum.
Array reduce(vk::Commands& commands, const Array& in, Operation op, std::optional<int64_t> axis = {},
             bool keepdims = false);

/// The part of a strided walk that one dispatch does: rows, and a stretch of the axis.
struct Piece {
  int64_t row, rows;
  int64_t k, extent;  // the whole axis unless there is one row
};

/// Cuts a view into pieces whose input and output both fit a window: `strip` is never cut. Throws LIMIT_EXCEEDED.
std::vector<Piece> pieces_of(const vk::Device& device, const AxisView& view, int64_t strip, size_t in_bytes,
                             size_t out_bytes_of_strip);

/// How an axis is cut into parts, each worked on by a team (rows) or a lane (columns).
struct Strips {
  bool rows;  // teams on contiguous rows; else lanes on columns
  bool wide;  // 16 bytes at a time
  int64_t strip;  // elements
  int64_t parts;  // of the axis; those of `body` first, one for the rest
  int64_t body;  // elements reached 16 bytes at a time, where wide
};
/// `in_bytes` of an element; 0 for states, which are taken one by one.
Strips strips_of(const vk::Commands& commands, const AxisView& view, const vk::BufferRef& memory, size_t in_bytes);

/// One pass: every part of every column becomes one state, (outer, parts, inner).
vk::BufferRef reduce_parts(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
                           const Strips& strips);

}  // namespace forge::array
