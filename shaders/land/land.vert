// forge: paint=bare,full,layers
#version 450
#include "land.glsl"
#include "land_push.glsl"

layout(location = 0) out vec2 place;   // in the working grid
layout(location = 1) out float height;
#ifndef PAINT_BARE
layout(location = 2) out flat uint hole;
#endif

void main() {
  Land land = push.land;
  // Rows nearest to the eye come first: what they hide is not painted.
  uint row = push.backward != 0u ? land.quads.y - 1u - uint(gl_InstanceIndex) : uint(gl_InstanceIndex);
  uvec2 vertex = uvec2(uint(gl_VertexIndex) >> 1, row + (uint(gl_VertexIndex) & 1u));
  place = vertex_place(land, vertex);
  height = corner_height(land, push.heights, min(vertex * land.step, land.cells));
#ifndef PAINT_BARE
  hole = 0u;
  if (land.has_holes != 0u) hole = push.squares.at[row * land.quads.x + min(vertex.x, land.quads.x - 1u)] ^ 1u;
#endif
  float shown = push.flat_base != 0u ? land.base : max(height, land.water);
  gl_Position = land.clip * vec4(place, shown, 1.0);
}
