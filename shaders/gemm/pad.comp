// forge: template
// Planes with zeros around them.
#version 450
#include "types.glsl"
#include "divide.glsl"
#include "grid.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Source { float at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;    // (planes, inner)
  Target target;    // (planes, padded)
  uint count;       // elements of the target
  uvec2 inner;      // (rows, columns)
  uvec2 padded;
  uvec2 before;
  uvec3 by_column;  // divide()
  uvec3 by_row;
};

void main() {
  const uint id = group_index() * 64 + gl_LocalInvocationID.x;
  if (id >= count) return;
  const uint rest = divide(id, by_column), plane = divide(rest, by_row);
  const uvec2 at = uvec2(rest - plane * padded.x, id - rest * padded.y) - before;  // wraps where it is outside
  const bool inside = at.x < inner.x && at.y < inner.y;
  const uvec2 held = min(at, inner - 1);
  const float value = source.at[(plane * inner.x + held.x) * inner.y + held.y];
  target.at[id] = inside ? value : 0.0;
}
