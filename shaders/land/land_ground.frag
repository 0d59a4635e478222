#version 450
#include "ground_push.glsl"

layout(location = 0) in vec2 place;
layout(location = 0) out vec4 color;
layout(location = 1) out uint id;

float at(ivec2 p) {
  p = clamp(p, ivec2(0), ivec2(push.cells) - 1);
  return push.shade.at[uint(p.y) * push.cells.x + uint(p.x)];
}

void main() {
  vec2 p = place * vec2(push.cells) - 0.5;
  ivec2 a = ivec2(floor(p));
  vec2 t = p - vec2(a);
  float dark = mix(mix(at(a), at(a + ivec2(1, 0)), t.x), mix(at(a + ivec2(0, 1)), at(a + 1), t.x), t.y);
  vec2 inward = smoothstep(vec2(0.0), vec2(0.15), min(place, 1.0 - place));
  color = vec4(0.0, 0.0, 0.0, dark * push.strength * inward.x * inward.y);
  id = 0u;
}
