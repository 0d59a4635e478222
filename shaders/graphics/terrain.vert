#version 450
#include "terrain_mesh.glsl"

layout(location = 0) out vec2 place;    // column, row of the raster
layout(location = 1) out float height;
layout(location = 2) out float hole;    // above 0 beside a missing value

void main() {
  uint row = sample_of(uint(gl_InstanceIndex) + (uint(gl_VertexIndex) & 1u), push.rows);
  uint column = sample_of(uint(gl_VertexIndex) >> 1, push.columns);
  float h = height_at(row, column);
  bool missing = isnan(h) || isinf(h);
  hole = missing ? 1.0 : 0.0;
  height = missing ? push.low : h;
  place = vec2(column, row);
  gl_Position = clip_of(world_at(row, column, height));
}
