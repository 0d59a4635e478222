// forge: paint=bare,full,layers
// Sides of the block that land is cut from: two triangles an edge, from the surface to the base.
#version 450
#include "land.glsl"
#include "land_push.glsl"

layout(location = 0) out vec2 place;
layout(location = 1) out float height;       // of this point
layout(location = 2) out float top;          // of the land above it
layout(location = 3) out flat uint facing;   // side

void main() {
  uint edge = push.edges.at[uint(gl_VertexIndex) / 6u], side = edge & 3u, square = edge >> 2;
  uint corner = uint(gl_VertexIndex) % 6u;
  corner = corner < 3u ? corner : 6u - corner;               // 0 1 2 3 2 1
  bool second = (corner & 1u) != 0u, foot = corner >= 2u;
  uvec2 vertex = uvec2(square % land.edge_columns, square / land.edge_columns);
  if (side == 0u || side == 2u) vertex += uvec2(second ? 1u : 0u, side == 0u ? 1u : 0u);
  else vertex += uvec2(side == 1u ? 1u : 0u, second ? 1u : 0u);
  vertex = min(vertex * land.edge_step, land.cells);
  place = corner_place(vertex);
  top = corner_height(push.heights, vertex);
  height = foot ? land.base : max(top, land.water);
  facing = side;
  gl_Position = land.clip * vec4(place, height, 1.0);
}
