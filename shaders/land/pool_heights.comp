// A coarser grid of heights: means of squares of cells. Holes, and what lies beyond the edge, are as high as the base; water hides
// what is under it.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Source { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;       // (rows, stride)
  Target target;       // (.., coarse_columns)
  uint rows;
  uint columns;
  uint stride;
  uint pool;           // cells a side
  uint coarse_columns;
  float base;
  float water;
};

void main() {
  uint column = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  if (column >= coarse_columns) return;
  uvec2 from = uvec2(column, row) * pool, to = min(from + pool, uvec2(columns, rows));
  float sum = 0.0;
  for (uint r = from.y; r < to.y; ++r)
    for (uint c = from.x; c < to.x; ++c) {
      float h = source.at[r * stride + c];
      sum += isnan(h) ? base : max(h, water);
    }
  target.at[row * coarse_columns + column] = sum / float(max((to.x - from.x) * (to.y - from.y), 1u));
}
