// forge: template index=int,uint,uvec2
// The position of the first offset that lies beyond the array or after the next one.
#version 450
#include "types.glsl"
#include "team.glsl"
#include "indices.glsl"

layout(buffer_reference, scalar) readonly buffer Offsets { INDEX at[]; };
layout(buffer_reference, scalar) buffer Found { uint first; };

layout(push_constant, scalar) uniform Push {
  Offsets offsets;
  Found found;   // 0xFFFFFFFF where there is none
  uint count;
  uint n;
};

void main() {
  uint id = lane_number();
  if (id >= count) return;
  Index here = parted(offsets.at[id]), next = parted(offsets.at[min(id + 1, count - 1)]);
  bool bad = here.negative || here.magnitude.y != 0 || here.magnitude.x > n;
  bad = bad || (!next.negative && next.magnitude.y == 0 && here.magnitude.x > next.magnitude.x);
  if (bad) atomicMin(found.first, id);
}
