// forge: template
// Reduces the segments of a row. Sums of whole chunks, and of chunks of chunks, are known, so that no segment costs more than
// its ends and a few thousand of those. A team takes a segment, or with LANE_EACH a lane.
#version 450
#include "team.glsl"
#include "reducing.glsl"
#include "reduce.glsl"
#include "indices.glsl"

layout(buffer_reference, scalar) readonly buffer Source { WORD at[]; };
layout(buffer_reference, scalar) readonly buffer States { STATE at[]; };
layout(buffer_reference, scalar) readonly buffer Offsets { INDEX at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { RESULT at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;
  States chunks;    // each of `chunk` elements
  States tops;      // each of `chunk` chunks
  Offsets offsets;  // segments + 1
  Target target;
  uint segments;
  uint chunk;
};

#ifdef LANE_EACH
#define FIRST 0
#define STEP 1
#else
#define FIRST lane_index()
#define STEP LANES
#endif

STATE elements(STATE total, uint from, uint to) {
  for (uint i = from + FIRST; i < to; i += STEP) total = combine(total, take(source.at[i], 0, i));
  return total;
}

STATE states(STATE total, States of, uint from, uint to) {
  for (uint i = from + FIRST; i < to; i += STEP) total = combine(total, of.at[i]);
  return total;
}

void main() {
#ifdef LANE_EACH
  uint segment = lane_number();
#else
  uint segment = team_number();
#endif
  if (segment >= segments) return;
  uint from = parted(offsets.at[segment]).magnitude.x, to = parted(offsets.at[segment + 1]).magnitude.x;
  uint chunk_from = from / chunk + (from % chunk != 0 ? 1 : 0), chunk_to = to / chunk;
  STATE total = identity();
  if (chunk_from >= chunk_to) {
    total = elements(total, from, to);
  } else {
    total = elements(elements(total, from, chunk_from * chunk), chunk_to * chunk, to);
    uint top_from = (chunk_from + chunk - 1) / chunk, top_to = chunk_to / chunk;
    if (top_from >= top_to) {
      total = states(total, chunks, chunk_from, chunk_to);
    } else {
      total = states(states(total, chunks, chunk_from, top_from * chunk), chunks, top_to * chunk, chunk_to);
      total = states(total, tops, top_from, top_to);
    }
  }
#ifndef LANE_EACH
  total = reduce_lanes(total);
  if (lane_index() != 0) return;
#endif
  target.at[segment] = result(total);
}
