// forge: template
// How much sky a cell sees: the steepest rise along rays of nearby cells, each ray a run of a table. The host defines SEEN, what a
// ray of the tangent `rise` contributes, and LOWEST, the tangent of a ray on which no cell counts.
#version 450
#include "types.glsl"
#ifndef SEEN
#define SEEN (1.0 - rise / sqrt(1.0 + rise * rise))
#define LOWEST 0.0
#endif
#include "elementary.glsl"

layout(local_size_x = 64) in;

struct Step {
  int row, column;  // from the cell
  float inverse;    // 1 / distance on the ground
};

layout(buffer_reference, scalar) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar) readonly buffer Steps { Step at[]; };
layout(buffer_reference, scalar) readonly buffer Ends { uint at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;  // (rows, columns)
  Steps steps;      // of all rays, each from near to far
  Ends ends;        // of each ray among the steps
  Target target;    // (rows, columns)
  uint rows;
  uint columns;
  uint start;       // the first row of this launch
  uint rays;
  float z_factor;
  float nodata;
  float fill;
};

bool hole(float h) { return h == nodata || isnan(h); }

void main() {
  uint column = gl_GlobalInvocationID.x, row = start + gl_WorkGroupID.y, at = row * columns + column;
  if (column >= columns) return;
  float here = heights.at[at], sum = 0.0;
  uint step = 0u;
  for (uint ray = 0u; ray < rays; ++ray) {
    float rise = LOWEST;
    for (uint end = ends.at[ray]; step < end; ++step) {
      Step to = steps.at[step];
      int r = int(row) + to.row, c = int(column) + to.column;
      bool inside = uint(r) < rows && uint(c) < columns;
      float there = heights.at[inside ? at + uint(to.row) * columns + uint(to.column) : at];
      float tangent = (there - here) * to.inverse * z_factor;
      rise = inside && !hole(there) && tangent > rise ? tangent : rise;
    }
    sum += SEEN;
  }
  target.at[at] = hole(here) ? fill : sum / float(rays);
}
