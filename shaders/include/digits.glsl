// Counters of 8-bit digits for stable passes over keys. PRIVATE_COUNTERS: a lane walks through a tile of its own and counts
// alone, which suits drivers that run lanes as vector elements. Else a team walks through a tile side by side, and lanes
// with one digit find their order by ballots.
#ifndef FORGE_DIGITS_GLSL
#define FORGE_DIGITS_GLSL
#include "sortkeys.glsl"
#include "team.glsl"

#ifdef PRIVATE_COUNTERS
#define TILES_OF_TEAM LANES
shared uint counters[TEAMS * LANES * 256];
uint counter_of(uint digit) { return (team_index() * 256 + digit) * LANES + lane_index(); }
uint tile_number() { return lane_number(); }
#else
#define TILES_OF_TEAM 1
shared uint counters[TEAMS * 256];
uint counter_of(uint digit) { return team_index() * 256 + digit; }
uint tile_number() { return team_number(); }

#ifdef EMULATED_LANES
shared uint digit_box[LANES];
void team_barrier() { barrier(); }

// How many lanes have this lane's digit: all of them, and those before it.
uvec2 lanes_alike(uint digit, bool there) {
  barrier();
  digit_box[lane_index()] = there ? digit : 256;
  barrier();
  uvec2 alike = uvec2(0);
  for (uint lane = 0; lane < LANES; ++lane)
    if (digit_box[lane] == digit) alike += uvec2(1, lane < lane_index() ? 1 : 0);
  return alike;
}
#else
#extension GL_KHR_shader_subgroup_ballot : require
void team_barrier() {
  subgroupMemoryBarrierShared();
  subgroupBarrier();
}

uvec2 lanes_alike(uint digit, bool there) {
  uvec4 alike = subgroupBallot(there);
  for (uint bit = 0; bit < 8; ++bit) {
    uvec4 set = subgroupBallot((digit >> bit & 1) != 0);
    alike &= (digit >> bit & 1) != 0 ? set : ~set;
  }
  return uvec2(subgroupBallotBitCount(alike), subgroupBallotExclusiveBitCount(alike));
}
#endif
#endif
#endif
