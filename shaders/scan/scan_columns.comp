// forge: template
// Scans along an axis with others behind it, or short rows: a lane takes a part of a column.
#version 450
#include "team.glsl"
#include "scanning.glsl"

layout(binding = 0, scalar) readonly buffer Source { WORD at[]; } source;
layout(binding = 1, scalar) writeonly buffer Target { RESULT at[]; } target;
layout(binding = 2, scalar) readonly buffer Carry { STATE at[]; } carry;

layout(push_constant, scalar) uniform Push {
  uint count;          // rows * parts * inner
  uint inner;          // columns
  uint parts;          // of each column
  uint pitch;          // elements from row to row
  uint extent;         // elements of a column
  uint strip;          // elements of a part
  uint first;          // element of the first row
  uint target_first;
  uint carry_first;
  uint carry_pitch;    // 0: nothing comes before the first row's part
};

void main() {
  uint id = lane_number();
  if (id >= count) return;
  uint column = id % inner, rest = id / inner;
  uint part = rest % parts, row = rest / parts;
  uint start = row * pitch + part * strip * inner + column;
  uint span = min(strip, extent - part * strip);
  STATE run = identity();
  if (carry_pitch != 0) run = carry.at[carry_first + row * carry_pitch + part * inner + column];
  for (uint k = 0; k < span; ++k) {
    uint at = start + ORDER(k, span) * inner;
    STATE x = take(source.at[first + at], 0);
#ifdef EXCLUSIVE
    target.at[target_first + at] = RESULT(run);
    run = combine(run, x);
#else
    run = combine(run, x);
    target.at[target_first + at] = RESULT(run);
#endif
  }
}
