#pragma once

#include <vector>

#include "forge/array/ops/elements.hpp"
#include "forge/vk/commands.hpp"

// How a walk along an axis is shared out: parts for teams and lanes, pieces for dispatches.
namespace forge::array {

/// How an axis is cut into parts, each worked on by a team (rows) or a lane (columns).
struct Strips {
  bool rows;      // teams on contiguous rows; else lanes on columns
  bool wide;      // 16 bytes at a time
  int64_t strip;  // elements
  int64_t parts;  // of the axis; those of `body` first, one for the rest
  int64_t body;   // elements reached 16 bytes at a time, where wide
};
/// `in_bytes` of an element; 0 for states, which are taken one by one.
Strips strips_of(const vk::Commands& commands, const AxisView& view, const vk::BufferRef& memory, size_t in_bytes);

/// A stretch of the axis whose parts go one way.
struct Cut {
  AxisView view;      // of the whole
  int64_t strip;      // elements
  int64_t k, extent;  // the stretch
  int64_t part;       // number of its first part
  int64_t parts;      // of the whole axis
  bool rows, wide;
};
/// What fills 16 bytes, then what is left over.
std::vector<Cut> cuts_of(const AxisView& view, const Strips& strips);

/// What one dispatch does: rows, and a stretch of the axis.
struct Piece {
  int64_t row, rows;
  int64_t k, extent;  // the whole stretch unless there is one row
};
/// Cuts into pieces whose input and output both fit a window, `out_bytes` for each `out_step` elements; a strip is never
/// cut. Throws LIMIT_EXCEEDED.
std::vector<Piece> pieces_of(const vk::Device& device, const Cut& cut, size_t in_bytes, size_t out_bytes,
                             int64_t out_step);

inline uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }
inline uint32_t u32(size_t value) { return static_cast<uint32_t>(value); }

/// Device memory for what lies between passes.
vk::BufferRef scratch(vk::Commands& commands, uint64_t bytes);

}  // namespace forge::array
