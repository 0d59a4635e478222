// What splat.comp has found becomes part of the picture.
#version 450
#include "srgb.glsl"
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Words { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Words numbers;  // of samples, from 1; 0: nothing
  Words depths;   // the same, as bits of a float
  Words colors;   // of points; only where `colored`
  vec4 color;     // linear
  uint width;
  uint stride;    // words from sample to sample: both may lie in one array
  uint colored;
  uint id;
} push;

layout(location = 0) out vec4 shown;
layout(location = 1) out uint id;

void main() {
  uint at = (uint(gl_FragCoord.y) * push.width + uint(gl_FragCoord.x)) * push.stride;
  uint number = push.numbers.at[at];
  if (number == 0u) discard;
  gl_FragDepth = uintBitsToFloat(push.depths.at[at]);
  uint point = max(number, 1u) - 1u;  // drivers read also where nothing is shown: Mesa 25, before the array's begin
  shown = vec4((push.colored != 0u ? linear_color(push.colors.at[point]).rgb : push.color.rgb), 1.0);
  id = push.id;
}
