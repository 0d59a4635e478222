// forge: template
// Reduces along an axis with others behind it, or over short rows: a lane takes a part of a column.
#version 450
#include "team.glsl"
#include "reducing.glsl"

layout(binding = 0, scalar) readonly buffer Source { WORD at[]; } source;
layout(binding = 1, scalar) writeonly buffer Target { RESULT at[]; } target;

layout(push_constant, scalar) uniform Push {
  uint count;          // rows * parts * inner
  uint inner;          // columns
  uint parts;          // of each column
  uint pitch;          // elements from row to row
  uint extent;         // elements of a column
  uint strip;          // elements of a part
  uint first;          // element of the first row
  uint index;          // of the first element along the axis
  uint target_first;
  uint target_parts;   // results from row to row, in columns
};

const uint kBlock = 16;

void main() {
  uint id = lane_number();
  if (id >= count) return;
  uint column = id % inner, rest = id / inner;
  uint part = rest % parts, row = rest / parts;
  uint start = first + row * pitch + column;
  uint k = part * strip, end = min(k + strip, extent);
  STATE total = identity();
  while (k < end) {
    uint stop = min(k + kBlock, end);
    STATE sum = take(source.at[start + k * inner], 0, index + k);
    for (++k; k < stop; ++k) sum = combine(sum, take(source.at[start + k * inner], 0, index + k));
    total = combine(total, sum);
  }
  target.at[target_first + (row * target_parts + part) * inner + column] = result(total);
}
