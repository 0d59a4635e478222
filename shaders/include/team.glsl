// Library kernels run in teams of LANES; a workgroup holds TEAMS of them, which share nothing.
#ifndef FORGE_TEAM_GLSL
#define FORGE_TEAM_GLSL
#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef TEAMS
#define TEAMS 1
#endif
#include "grid.glsl"
#include "lanes.glsl"

layout(local_size_x = TEAMS * LANES) in;

uint team_number() { return group_index() * TEAMS + team_index(); }
uint lane_number() { return team_number() * LANES + lane_index(); }
#endif
