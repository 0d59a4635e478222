// forge: template word=uint,uvec2,uint8_t
// Swaps the two axes of a stack of matrices, through tiles in shared memory so that both sides are touched in rows.
#version 450
#include "types.glsl"

layout(local_size_x = 16, local_size_y = 8) in;
const uint kTile = 16;

layout(buffer_reference, scalar) readonly buffer Source { WORD at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { WORD at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;  // (rows, columns)
  Target target;  // (columns, rows)
  uint rows;
  uint columns;
};

shared WORD tile[kTile][kTile + 1];

void main() {
  uint column = gl_WorkGroupID.x * kTile + gl_LocalInvocationID.x;
  uint base = gl_WorkGroupID.y * kTile;
  for (uint y = gl_LocalInvocationID.y; y < kTile; y += 8)
    if (base + y < rows && column < columns) tile[y][gl_LocalInvocationID.x] = source.at[(base + y) * columns + column];
  barrier();
  uint row = base + gl_LocalInvocationID.x;
  for (uint y = gl_LocalInvocationID.y; y < kTile; y += 8) {
    uint to = gl_WorkGroupID.x * kTile + y;
    if (to < columns && row < rows) target.at[to * rows + row] = tile[gl_LocalInvocationID.x][y];
  }
}
