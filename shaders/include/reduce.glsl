// Combines the values of a team of lanes, or of a workgroup, into one that every one of them gets.
//
//   #define STATE float                                              // any type that lane_shuffle takes
//   STATE combine(STATE a, STATE b) { return a + b; }                // associative and commutative
//   #include "reduce.glsl"
//   ... STATE total = reduce_lanes(x);
//   ... STATE whole = reduce_workgroup(x);                           // with WORKGROUP defined: invocations, a multiple of LANES
//
// A struct of one's own works too: declare lane_shuffle for it first. Every lane, every invocation takes part.
#ifndef FORGE_REDUCE_GLSL
#define FORGE_REDUCE_GLSL
#include "lanes.glsl"

STATE reduce_lanes(STATE x) {
  FOR_STEPS_DOWN(step) x = combine(x, lane_shuffle(x, lane_index() ^ step));
  return x;
}

#ifdef WORKGROUP
shared STATE reduce_box[WORKGROUP];

STATE reduce_workgroup(STATE x) {
  x = reduce_lanes(x);
  uint teams = WORKGROUP / LANES;
  if (teams <= 1) return x;
  barrier();  // an earlier call may still be reading
  if (lane_index() == 0) reduce_box[team_index()] = x;
  barrier();
  x = reduce_box[0];
  for (uint team = 1; team < teams; ++team) x = combine(x, reduce_box[team]);
  return x;
}
#endif
#endif
