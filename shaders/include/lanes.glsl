// The lanes of a subgroup as a team that hands values round.
//
//   LANES               lanes in a team: a constant where SUBGROUP_SIZE is defined, else gl_SubgroupSize
//   uint lane_index()   0 .. LANES - 1
//   uint team_index()   the team's number in its workgroup
//   FOR_STEPS_DOWN(s)   for s = LANES / 2 .. 1, halved each time; FOR_STEPS_UP(s): for s = 1 .. LANES / 2, doubled
//   T lane_shuffle(T x, uint from)   the x of another lane; T: uint, int, float, uvec2, vec2, uvec4, and with LANES_INT64
//                       or LANES_FLOAT64 defined before this file int64_t, uint64_t, double and dvec2
//
// Every lane of the team calls lane_shuffle, or none. EMULATED_LANES=n makes a team of a whole workgroup of n
// invocations along x, through shared memory: for devices without shuffles, and to try a team of any size anywhere.
#ifndef FORGE_LANES_GLSL
#define FORGE_LANES_GLSL
#if defined(LANES_INT64) || defined(LANES_FLOAT64)
#extension GL_EXT_shader_explicit_arithmetic_types : require
#endif

#ifdef EMULATED_LANES
#define LANES EMULATED_LANES
#define FOR_STEPS_DOWN(step) for (uint step = LANES / 2; step > 0; step /= 2)
#define FOR_STEPS_UP(step) for (uint step = 1; step < LANES; step *= 2)
shared uvec4 lane_box[LANES];

uint lane_index() { return gl_LocalInvocationIndex; }
uint team_index() { return 0; }

uvec4 lane_shuffle(uvec4 x, uint from) {
  barrier();
  lane_box[lane_index()] = x;
  barrier();
  return lane_box[from % LANES];
}
uvec2 lane_shuffle(uvec2 x, uint from) { return lane_shuffle(uvec4(x, 0, 0), from).xy; }
uint lane_shuffle(uint x, uint from) { return lane_shuffle(uvec4(x, 0, 0, 0), from).x; }
#else
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
// Counted by ones, which drivers unroll: a CPU driver exchanges lanes by a constant in one instruction, else one by one. No
// subgroup has more than 128 lanes.
#define FOR_STEPS_DOWN(step) \
  [[unroll]] for (uint step##_count = 0, step = LANES / 2; step##_count < 7; ++step##_count, step /= 2) if (step > 0)
#define FOR_STEPS_UP(step) \
  [[unroll]] for (uint step##_count = 0, step = 1; step##_count < 7; ++step##_count, step *= 2) if (step < LANES)
#ifdef SUBGROUP_SIZE
#define LANES SUBGROUP_SIZE
#else
#define LANES gl_SubgroupSize
#endif

uint lane_index() { return gl_SubgroupInvocationID; }
uint team_index() { return gl_SubgroupID; }
uvec4 lane_shuffle(uvec4 x, uint from) { return subgroupShuffle(x, from & (LANES - 1)); }
uvec2 lane_shuffle(uvec2 x, uint from) { return subgroupShuffle(x, from & (LANES - 1)); }
uint lane_shuffle(uint x, uint from) { return subgroupShuffle(x, from & (LANES - 1)); }
#endif

int lane_shuffle(int x, uint from) { return int(lane_shuffle(uint(x), from)); }
float lane_shuffle(float x, uint from) { return uintBitsToFloat(lane_shuffle(floatBitsToUint(x), from)); }
vec2 lane_shuffle(vec2 x, uint from) { return uintBitsToFloat(lane_shuffle(floatBitsToUint(x), from)); }
#ifdef LANES_INT64
int64_t lane_shuffle(int64_t x, uint from) { return packInt2x32(ivec2(lane_shuffle(uvec2(unpackInt2x32(x)), from))); }
uint64_t lane_shuffle(uint64_t x, uint from) { return packUint2x32(lane_shuffle(unpackUint2x32(x), from)); }
#endif
#ifdef LANES_FLOAT64
double lane_shuffle(double x, uint from) { return packDouble2x32(lane_shuffle(unpackDouble2x32(x), from)); }
dvec2 lane_shuffle(dvec2 x, uint from) {
  uvec4 y = lane_shuffle(uvec4(unpackDouble2x32(x.x), unpackDouble2x32(x.y)), from);
  return dvec2(packDouble2x32(y.xy), packDouble2x32(y.zw));
}
#endif
#endif
