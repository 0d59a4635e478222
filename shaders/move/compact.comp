// forge: template word=uint,uvec2
// Moves the elements whose mask is set together, in order: a team takes a part and knows how many stand before it.
#version 450
#include "team.glsl"
#include "types.glsl"
#ifndef MASK
#define MASK uint
#define WIDE_MASK uint
#endif
#define STATE uint
uint combine(uint a, uint b) { return a + b; }
#include "scan.glsl"

layout(binding = 0, scalar) readonly buffer Source { WORD at[]; } source;
layout(binding = 1, scalar) readonly buffer Mask { MASK at[]; } mask;
layout(binding = 2, scalar) readonly buffer Before { uint at[]; } before;
layout(buffer_reference, scalar) writeonly buffer Target { WORD at[]; };

layout(push_constant, scalar) uniform Push {
  Target target;
  uint extent;        // elements
  uint strip;         // elements of a part
  uint parts;
  uint index;         // of the first element, where indices are wanted
  uint first;         // element of the source
  uint mask_first;
  uint before_first;
};

const uint kRun = 8;  // elements that a lane takes at a time

bool is_set(uint i) {
#ifdef MASK_COMPLEX
  return any(notEqual(mask.at[mask_first + i], WIDE_MASK(0)));
#else
  return WIDE_MASK(mask.at[mask_first + i]) != WIDE_MASK(0);
#endif
}

void main() {
  uint part = team_number();
  if (part >= parts) return;
  uint start = part * strip, end = min(start + strip, extent);
  uint place = before.at[before_first + part];
  for (uint at = start; at < end; at += LANES * kRun) {
    uint mine = at + lane_index() * kRun, bits = 0;
    [[unroll]] for (uint j = 0; j < kRun; ++j)
      if (mine + j < end && is_set(mine + j)) bits |= 1u << j;
    uint upto = scan_lanes(uint(bitCount(bits)));
    uint to = place + scan_lanes_before(upto, 0);
    place += scan_lanes_total(upto);
    [[unroll]] for (uint j = 0; j < kRun; ++j) {
      if ((bits >> j & 1) == 0) continue;
#ifdef INDICES
      target.at[to++] = uvec2(index + mine + j, 0);
#else
      target.at[to++] = source.at[first + mine + j];
#endif
    }
  }
}
