// How much of the sky a cell of a coarse grid sees: the mean squared cosine of its horizons in sixteen directions, as for a sky
// of even light. Steps grow with their distance; far ones look at a coarser grid still.
#version 450
#include "types.glsl"
#include "whole.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Sky { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;
  Heights far;       // means of squares of far_pool cells
  Sky sky;
  uvec2 cells;       // columns, rows
  uvec2 far_cells;
  uint far_pool;
  vec2 cell;         // world units east and south
  float z;           // world units of a height
  float strength;    // exponent
};

const int kDirections = 16;
const int kNear = 6, kFar = 6;
const float kGrowth = 1.6;

void main() {
  uvec2 place = uvec2(gl_GlobalInvocationID.x, gl_WorkGroupID.y);
  if (place.x >= cells.x) return;
  vec2 own_place = vec2(place), size = vec2(cells), far_size = vec2(far_cells);
  uint own_cell = place.y * cells.x + place.x;
  float own = heights.at[own_cell], least = min(cell.x, cell.y), sum = 0.0;
  vec2 per_cell = least / cell, direction = vec2(1.0, 0.0);
  const vec2 turn = vec2(0.92387953, 0.38268343);
  // Numbers of cells are whole and below 2^22: floats hold them.
  for (int d = 0; d < kDirections; ++d) {
    float rise = 0.0, reach = 1.0;
    for (int i = 0; i < kNear; ++i, reach *= kGrowth) {
      vec2 offset = round(direction * reach * per_cell), to = own_place + offset;
      bool inside = all(greaterThanEqual(to, vec2(0.0))) && all(lessThan(to, size));
      float h = heights.at[inside ? nearest_whole(to.y * size.x + to.x) : own_cell];
      rise = max(rise, inside && offset != vec2(0.0) ? (h - own) / length(offset * cell) : 0.0);
    }
    for (int i = 0; i < kFar; ++i, reach *= kGrowth) {
      vec2 to = own_place + 0.5 + direction * reach * per_cell, square = floor(to / float(far_pool));
      bool inside = all(greaterThanEqual(square, vec2(0.0))) && all(lessThan(square, far_size));
      float h = far.at[inside ? nearest_whole(square.y * far_size.x + square.x) : 0u];
      vec2 offset = ((square + 0.5) * float(far_pool) - own_place - 0.5) * cell;
      rise = max(rise, inside ? (h - own) / max(length(offset), least) : 0.0);
    }
    float tangent = rise * z;
    sum += 1.0 / (1.0 + tangent * tangent);
    direction = vec2(direction.x * turn.x - direction.y * turn.y, direction.x * turn.y + direction.y * turn.x);
  }
  sky.at[own_cell] = pow(sum / float(kDirections), strength);
}
