// How much of the sky a cell of a coarse grid sees: the mean squared cosine of its horizons in sixteen directions, as for a sky
// of even light. Steps grow with their distance; far ones look at a coarser grid still.
#version 450
#include "types.glsl"

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
  float own = heights.at[place.y * cells.x + place.x], least = min(cell.x, cell.y), sum = 0.0;
  vec2 per_cell = least / cell, direction = vec2(1.0, 0.0);
  const vec2 turn = vec2(0.92387953, 0.38268343);
  for (int d = 0; d < kDirections; ++d) {
    float rise = 0.0, reach = 1.0;
    for (int i = 0; i < kNear; ++i, reach *= kGrowth) {
      ivec2 offset = ivec2(round(direction * reach * per_cell)), to = ivec2(place) + offset;
      bool inside = all(greaterThanEqual(to, ivec2(0))) && all(lessThan(to, ivec2(cells)));
      float h = heights.at[inside ? uint(to.y) * cells.x + uint(to.x) : place.y * cells.x + place.x];
      rise = max(rise, inside && offset != ivec2(0) ? (h - own) / length(vec2(offset) * cell) : 0.0);
    }
    for (int i = 0; i < kFar; ++i, reach *= kGrowth) {
      vec2 to = vec2(place) + 0.5 + direction * reach * per_cell;
      ivec2 square = ivec2(floor(to / float(far_pool)));
      bool inside = all(greaterThanEqual(square, ivec2(0))) && all(lessThan(square, ivec2(far_cells)));
      float h = far.at[inside ? uint(square.y) * far_cells.x + uint(square.x) : 0u];
      vec2 offset = ((vec2(square) + 0.5) * float(far_pool) - vec2(place) - 0.5) * cell;
      rise = max(rise, inside ? (h - own) / max(length(offset), least) : 0.0);
    }
    float tangent = rise * z;
    sum += 1.0 / (1.0 + tangent * tangent);
    direction = vec2(direction.x * turn.x - direction.y * turn.y, direction.x * turn.y + direction.y * turn.x);
  }
  sky.at[place.y * cells.x + place.x] = pow(sum / float(kDirections), strength);
}
