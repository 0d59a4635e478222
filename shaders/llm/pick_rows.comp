// forge: template
// Rows of chosen tokens, taken out of panels: (row, value).
#version 450
#include "types.glsl"

#ifndef TILE
#define TILE 1
#endif

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Words { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Values x;
  Words tokens;  // of each row
  Target target;
  uint width;
};

void main() {
  const uint t = tokens.at[gl_WorkGroupID.y], i = gl_GlobalInvocationID.x;
  if (i < width) target.at[gl_WorkGroupID.y * width + i] = x.at[t / TILE * width * TILE + i * TILE + t % TILE];
}
