// Edges at which land ends, of the grid's cells: sides of walls, south 0, east 1, north 2, west 3.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Edges { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Count { uint vertices; };

layout(push_constant, scalar) uniform Push {
  Heights heights;  // (rows, stride)
  Edges edges;      // 4 * cell + side
  Count count;      // six a wall
  uvec2 cells;      // columns, rows
  uint stride;
};

bool land(ivec2 cell) {
  return all(greaterThanEqual(cell, ivec2(0))) && all(lessThan(cell, ivec2(cells))) &&
         !isnan(heights.at[uint(cell.y) * stride + uint(cell.x)]);
}

void main() {
  ivec2 cell = ivec2(int(gl_GlobalInvocationID.x), int(gl_WorkGroupID.y));
  if (cell.x >= int(cells.x) || !land(cell)) return;
  for (uint side = 0u; side < 4u; ++side) {
    ivec2 beside = cell + ivec2(side == 1u ? 1 : side == 3u ? -1 : 0, side == 0u ? 1 : side == 2u ? -1 : 0);
    if (!land(beside)) edges.at[atomicAdd(count.vertices, 6u) / 6u] = 4u * (uint(cell.y) * cells.x + uint(cell.x)) + side;
  }
}
