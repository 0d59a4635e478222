// Strips over the square, one instance a row of cells.
#version 450
#include "scene_surface.glsl"

layout(location = 0) out vec2 place;  // in samples
layout(location = 1) out float hole;  // above 0 beside a missing value

void main() {
  uvec2 corner = uvec2(uint(gl_VertexIndex) >> 1, uint(gl_InstanceIndex) + (uint(gl_VertexIndex) & 1u));
  vec2 uv = vec2(corner) / float(push.grid - 1u);
  place = min(uv * last_sample(), last_sample());
  float h = height_at(place);
  bool missing = is_hole(h);
  hole = missing ? 1.0 : 0.0;
  vec2 flat_place = (uv - 0.5) * SIDE * push.globals.spacing;
  vec3 world = vec3(flat_place.x, missing ? 0.0 : h * push.globals.exaggeration, flat_place.y);
  gl_Position = push.globals.projection * (push.globals.view * vec4(world, 1.0));
}
