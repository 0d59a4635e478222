// Which squares between vertices are land, and the edges at which they end: sides of walls, south 0, east 1, north 2, west 3.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Quads { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Edges { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Count { uint vertices; };

layout(push_constant, scalar) uniform Push {
  Heights heights;  // (rows, stride)
  Quads quads;      // 1: land
  Edges edges;      // 4 * quad + side
  Count count;      // six a wall
  uvec2 cells;      // columns, rows
  uint stride;
  uint step;        // cells a side of a square
  uvec2 squares;    // columns, rows
};

// Most of its cells are there.
bool land(ivec2 square) {
  if (any(lessThan(square, ivec2(0))) || any(greaterThanEqual(square, ivec2(squares)))) return false;
  uvec2 from = uvec2(square) * step, to = min(from + step, cells);
  uint there = 0u;
  for (uint r = from.y; r < to.y; ++r)
    for (uint c = from.x; c < to.x; ++c) there += isnan(heights.at[r * stride + c]) ? 0u : 1u;
  return 2u * there > (to.x - from.x) * (to.y - from.y);
}

void main() {
  ivec2 square = ivec2(int(gl_GlobalInvocationID.x), int(gl_WorkGroupID.y));
  if (square.x >= int(squares.x)) return;
  uint own = uint(square.y) * squares.x + uint(square.x);
  bool here = land(square);
  quads.at[own] = here ? 1u : 0u;
  if (!here) return;
  for (uint side = 0u; side < 4u; ++side) {
    ivec2 beside = square + ivec2(side == 1u ? 1 : side == 3u ? -1 : 0, side == 0u ? 1 : side == 2u ? -1 : 0);
    if (!land(beside)) edges.at[atomicAdd(count.vertices, 6u) / 6u] = 4u * own + side;
  }
}
