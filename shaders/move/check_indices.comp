// forge: template index=int,uint,uvec2
// The position of the first index that lies outside of its axis.
#version 450
#include "types.glsl"
#include "team.glsl"
#include "indices.glsl"

layout(buffer_reference, scalar) readonly buffer Indices { INDEX at[]; };
layout(buffer_reference, scalar) buffer Found { uint first; };

layout(push_constant, scalar) uniform Push {
  Indices indices;
  Found found;   // 0xFFFFFFFF where there is none
  uint count;
  uint n;
};

void main() {
  uint id = lane_number();
  if (id < count && !in_range(parted(indices.at[id]), n)) atomicMin(found.first, id);
}
