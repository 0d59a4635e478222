// forge: template word=uint,uvec2,uint8_t index=int
// Takes elements of an axis by index: target[o, j, i] = source[o, indices[j], i].
#version 450
#include "types.glsl"
#include "team.glsl"
#include "indices.glsl"

layout(buffer_reference, scalar) readonly buffer Source { WORD at[]; };
layout(buffer_reference, scalar) readonly buffer Indices { INDEX at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { WORD at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;    // (outer, n, inner)
  Indices indices;  // (many)
  Target target;    // (outer, many, inner)
  uint count;       // outer * many * inner
  uint n;
  uint many;
  uint inner;
};

void main() {
  uint id = lane_number();
  if (id >= count) return;
  uint i = id % inner, rest = id / inner;
  uint from = resolved(parted(indices.at[rest % many]), n);
  target.at[id] = source.at[(rest / many * n + from) * inner + i];
}
