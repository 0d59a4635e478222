// The four sides of the block that a terrain is cut from: one instance a side, a strip from its edge to the base.
#version 450
#include "terrain_mesh.glsl"

layout(location = 0) out float depth_below;  // 0 at the terrain's edge, 1 at the base
layout(location = 1) out flat float facing;  // brightness of the side
layout(location = 2) out float hole;

void main() {
  uint side = uint(gl_InstanceIndex);        // south, north, east, west
  uint along = uint(gl_VertexIndex) >> 1;
  bool foot = (gl_VertexIndex & 1) == 1;
  bool across = side < 2u;
  uint column = across ? sample_of(along, push.columns) : (side == 2u ? push.columns - 1u : 0u);
  uint row = across ? (side == 0u ? push.rows - 1u : 0u) : sample_of(along, push.rows);
  float h = height_at(row, column);
  bool missing = isnan(h) || isinf(h);
  hole = missing ? 1.0 : 0.0;
  depth_below = foot ? 1.0 : 0.0;
  facing = across ? 0.9 : 0.72;
  gl_Position = clip_of(world_at(row, column, foot || missing ? push.base : h));
}
