// Running totals over a team of lanes, or over a workgroup, in the order of the lanes.
//
//   #define STATE float                                              // any type that lane_shuffle takes
//   STATE combine(STATE a, STATE b) { return a + b; }                // associative
//   #include "scan.glsl"
//   ... STATE upto = scan_lanes(x);                                  // x of lane 0 .. this one
//   ... STATE before = scan_lanes_before(upto, 0.0);                 // x of lane 0 .. the one before
//   ... STATE all = scan_lanes_total(upto);
//   ... STATE whole = scan_workgroup(x);                             // with WORKGROUP defined: invocations, a multiple of LANES
//
// Every lane, every invocation takes part.
#ifndef FORGE_SCAN_GLSL
#define FORGE_SCAN_GLSL
#include "lanes.glsl"

STATE scan_lanes(STATE x) {
  FOR_STEPS_UP(step) {
    STATE left = lane_shuffle(x, lane_index() - step);
    if (lane_index() >= step) x = combine(left, x);
  }
  return x;
}

STATE scan_lanes_before(STATE upto, STATE identity) {
  STATE left = lane_shuffle(upto, lane_index() - 1);
  return lane_index() == 0 ? identity : left;
}

STATE scan_lanes_total(STATE upto) { return lane_shuffle(upto, LANES - 1); }

#ifdef WORKGROUP
shared STATE scan_box[WORKGROUP];

STATE scan_workgroup(STATE x) {
  x = scan_lanes(x);
  uint team = team_index();
  barrier();  // an earlier call may still be reading
  if (lane_index() == LANES - 1) scan_box[team] = x;
  barrier();
  if (team == 0) return x;
  STATE left = scan_box[0];
  for (uint t = 1; t < team; ++t) left = combine(left, scan_box[t]);
  return combine(left, x);
}
#endif
#endif
