// forge: template
// Reduces the parts of rows: a team of lanes takes a part, which lies in one piece.
#version 450
#include "team.glsl"
#include "reducing.glsl"
#include "reduce.glsl"

layout(binding = 0, scalar) readonly buffer Source { STORED at[]; } source;
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
  uint together;       // parts that a team takes one after the other
};

const uint kBlock = PER >= 8 ? 2 : 16 / PER;  // words that a lane combines before it adds them to its total

// Halves of a word's values put together. Counted by ones: a loop that halves its count lavapipe does not unroll, and then
// takes sum[] from memory.
#define FOLD(half_) \
  if (PER > half_) [[unroll]] for (uint i = 0; i < half_; ++i) sum[i] = combine(sum[i], sum[i + half_]);

void reduce_part(uint row, uint part) {
  uint start = first + row * pitch;
  uint end = start + min(part * strip + strip, extent);
  uint at = start + part * strip + lane_index();
  STATE total = identity();
  for (; at + (kBlock - 1) * LANES < end; at += kBlock * LANES) {
    STATE sum[PER];
    [[unroll]] for (uint j = 0; j < kBlock; ++j) {
      WORD word = taken(source.at[at + j * LANES]);
      [[unroll]] for (uint i = 0; i < PER; ++i) {
        STATE x = take(word, i, index + (at + j * LANES - start) * PER);
        sum[i] = j == 0 ? x : combine(sum[i], x);
      }
    }
    FOLD(8) FOLD(4) FOLD(2) FOLD(1)
    total = combine(total, sum[0]);
  }
  for (; at < end; at += LANES) {
    WORD word = taken(source.at[at]);
    [[unroll]] for (uint i = 0; i < PER; ++i)
      total = combine(total, take(word, i, index + (at - start) * PER));
  }
  total = reduce_lanes(total);
  if (lane_index() == 0) target.at[target_first + row * target_pitch + part] = result(total);
}

void main() {
  uint from = team_number() * together, end = min(from + together, rows * parts);
  if (parts == 1)  // CPU drivers divide lane by lane
    for (uint row = from; row < end; ++row) reduce_part(row, 0);
  else
    for (uint part = from; part < end; ++part) reduce_part(part / parts, part % parts);
}
