#version 450
#include "ground_push.glsl"
#include "whole.glsl"

layout(location = 0) in vec2 place;
layout(location = 0) out vec4 color;
layout(location = 1) out uint id;

float between_cells(vec2 p) {
  p = clamp(p, vec2(0.0), vec2(push.cells - 1u));
  uvec2 a = cell_before(p), b = min(a + 1u, push.cells - 1u);
  vec2 t = beyond(p, a);
  uint upper = a.y * push.cells.x, lower = b.y * push.cells.x;
  return mix(mix(push.shade.at[upper + a.x], push.shade.at[upper + b.x], t.x),
             mix(push.shade.at[lower + a.x], push.shade.at[lower + b.x], t.x), t.y);
}

void main() {
  float dark = between_cells(place * vec2(push.cells) - 0.5);
  vec2 inward = smoothstep(vec2(0.0), vec2(0.15), min(place, 1.0 - place));
  color = vec4(0.0, 0.0, 0.0, dark * push.strength * inward.x * inward.y);
  id = 0u;
}
