// forge: template
// Reduces the parts of rows: a team of lanes takes a part, which lies in one piece.
#version 450
#include "team.glsl"
#include "reducing.glsl"
#include "reduce.glsl"

layout(binding = 0, scalar) readonly buffer Source { WORD at[]; } source;
layout(binding = 1, scalar) writeonly buffer Target { RESULT at[]; } target;

layout(push_constant, scalar) uniform Push {
  uint rows;
  uint parts;          // of each row
  uint pitch;          // words from row to row
  uint extent;         // words of a row
  uint strip;          // words of a part
  uint first;          // word of the first row
  uint index;          // of the first element along the axis
  uint target_first;
  uint target_pitch;   // results from row to row
};

const uint kBlock = PER >= 8 ? 2 : 16 / PER;  // words that a lane combines before it adds them to its total

void main() {
  uint team = team_number();
  if (team >= rows * parts) return;
  uint row = team / parts, part = team % parts;
  uint start = first + row * pitch;
  uint end = start + min(part * strip + strip, extent);
  uint at = start + part * strip + lane_index();
  STATE total = identity();
  for (; at + (kBlock - 1) * LANES < end; at += kBlock * LANES) {
    STATE sum[PER];
    [[unroll]] for (uint j = 0; j < kBlock; ++j) {
      WORD word = source.at[at + j * LANES];
      [[unroll]] for (uint i = 0; i < PER; ++i) {
        STATE x = take(word, i, index + (at + j * LANES - start) * PER);
        sum[i] = j == 0 ? x : combine(sum[i], x);
      }
    }
    [[unroll]] for (uint width = PER / 2; width > 0; width /= 2)
      [[unroll]] for (uint i = 0; i < width; ++i) sum[i] = combine(sum[i], sum[i + width]);
    total = combine(total, sum[0]);
  }
  for (; at < end; at += LANES) {
    WORD word = source.at[at];
    [[unroll]] for (uint i = 0; i < PER; ++i)
      total = combine(total, take(word, i, index + (at - start) * PER));
  }
  total = reduce_lanes(total);
  if (lane_index() == 0) target.at[target_first + row * target_pitch + part] = result(total);
}
