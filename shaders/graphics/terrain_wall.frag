#version 450
#include "terrain_mesh.glsl"

layout(location = 0) in float depth_below;
layout(location = 1) in flat float facing;
layout(location = 2) in float hole;
layout(location = 0) out vec4 color;

void main() {
  if (hole > 0.0) discard;
  vec3 stone = mix(vec3(0.30, 0.26, 0.22), vec3(0.20, 0.175, 0.15), depth_below) * facing;
  color = vec4(stone * push.exposure, 1.0);
}
