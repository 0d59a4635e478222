// forge: paint=bare,full,layers
#version 450
#include "land.glsl"
#include "land_push.glsl"

layout(location = 0) out vec2 place;   // in the working grid
layout(location = 1) out float height;

void main() {
  // Rows nearest to the eye come first: what they hide is not painted.
  uint row = push.backward != 0u ? land.quads.y - 1u - uint(gl_InstanceIndex) : uint(gl_InstanceIndex);
  uvec2 vertex = uvec2(uint(gl_VertexIndex) >> 1, row + (uint(gl_VertexIndex) & 1u));
  uvec2 corner = min(vertex * land.step, land.cells);
  place = corner_place(corner);
  height = corner_height(push.heights, corner);
  float shown = push.flat_base != 0u ? land.base : max(height, land.water);
  gl_Position = land.clip * vec4(place, shown, 1.0);
}
