// forge: template
// Scans the parts of rows: a team of lanes goes along a part, each lane with some words in a row at a time.
#version 450
#include "team.glsl"
#include "scanning.glsl"
#include "scan.glsl"

layout(binding = 0, scalar) readonly buffer Source { STORED at[]; } source;
layout(binding = 1, scalar) writeonly buffer Target { RESULT_STORED at[]; } target;
layout(binding = 2, scalar) readonly buffer Carry { STATE at[]; } carry;

layout(push_constant, scalar) uniform Push {
  uint rows;
  uint parts;          // of each row
  uint pitch;          // words from row to row
  uint extent;         // words of a row
  uint strip;          // words of a part
  uint first;          // word of the first row
  uint target_first;   // of the target's words
  uint carry_first;
  uint carry_pitch;    // 0: nothing comes before the first row's part
};

const uint kWords = PER == 1 ? 8 : 16 / PER;  // that a lane takes at a time

void main() {
  uint team = team_number();
  if (team >= rows * parts) return;
  uint row = team / parts, part = team % parts;
  uint start = row * pitch + part * strip;
  uint count = min(strip, extent - part * strip);
  STATE run = identity();
  if (carry_pitch != 0) run = carry.at[carry_first + row * carry_pitch + part];
  for (uint done = 0; done < count; done += LANES * kWords) {
    uint mine = done + lane_index() * kWords;
    STATE x[kWords * PER];
    STATE sum = identity();
    [[unroll]] for (uint j = 0; j < kWords; ++j) {
      WORD word;
      bool there = mine + j < count;
      if (there) word = taken(source.at[first + start + ORDER(mine + j, count)]);
      [[unroll]] for (uint i = 0; i < PER; ++i) {
        STATE y = there ? take(word, i) : identity();
#ifdef EXCLUSIVE
        x[j * PER + i] = sum;
        sum = combine(sum, y);
#else
        sum = combine(sum, y);
        x[j * PER + i] = sum;
#endif
      }
    }
    STATE upto = scan_lanes(sum);
    STATE before = combine(run, scan_lanes_before(upto, identity()));
    run = combine(run, scan_lanes_total(upto));
    [[unroll]] for (uint j = 0; j < kWords; ++j) {
      if (mine + j >= count) break;
      uint to = target_first + (start + ORDER(mine + j, count)) * WORDS_OUT;
#ifdef WIDE
      [[unroll]] for (uint k = 0; k < WORDS_OUT; ++k) {
        RESULT r[OUT_PER];
        [[unroll]] for (uint i = 0; i < OUT_PER; ++i)
          r[i] = RESULT(combine(before, x[j * PER + k * OUT_PER + i]));
        target.at[to + k] = given(packed(r));
      }
#else
      target.at[to] = RESULT(combine(before, x[j]));
#endif
    }
  }
}
