// What sun and sky leave of the colours of the working grid's cells: 1 on open level ground, more where the land faces the sun.
#version 450
#include "types.glsl"
#include "whole.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Cells { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Light { float at[]; };

layout(push_constant, scalar) uniform Push {
  Cells heights;     // (rows, stride)
  Cells sun;         // (rows, stride): the share of the sun that is seen
  Cells sky;         // (sky_cells): that of the sky
  Light light;       // (rows, stride)
  uvec2 cells;       // columns, rows
  uint stride;
  uvec2 sky_cells;
  float per_sky;     // 1 / cells to one of the sky's
  vec2 slopes;       // world units up a height / world units of a cell east, and north
  vec3 to_sun;       // east, north, up
  float fill;        // the sky's share of the light
  float water;
  uint has_sun;      // else no shadows are cast
  uint has_sky;
};

float near(int at, float own) {
  float h = heights.at[at];
  return isnan(h) ? own : max(h, water);
}

float open_sky(vec2 place) {
  vec2 p = clamp((place + 0.5) * per_sky - 0.5, vec2(0.0), vec2(sky_cells - 1u));
  uvec2 a = cell_before(p), b = min(a + 1u, sky_cells - 1u);
  vec2 t = beyond(p, a);
  return mix(mix(sky.at[a.y * sky_cells.x + a.x], sky.at[a.y * sky_cells.x + b.x], t.x),
             mix(sky.at[b.y * sky_cells.x + a.x], sky.at[b.y * sky_cells.x + b.x], t.x), t.y);
}

void main() {
  int column = int(gl_GlobalInvocationID.x), row = int(gl_WorkGroupID.y), columns = int(cells.x), rows = int(cells.y);
  if (column >= columns) return;
  int at = row * int(stride) + column;
  float own = heights.at[at];
  own = isnan(own) ? 0.0 : max(own, water);
  int west = max(column - 1, 0) - column, east = min(column + 1, columns - 1) - column;
  int north = (max(row - 1, 0) - row) * int(stride), south = (min(row + 1, rows - 1) - row) * int(stride);
  float eastward = (near(at + east, own) - near(at + west, own)) * slopes.x / float(max(east - west, 1));
  float northward = (near(at + north, own) - near(at + south, own)) * slopes.y / float(max((south - north) / int(stride), 1));
  float facing = (to_sun.z - eastward * to_sun.x - northward * to_sun.y) * inversesqrt(1.0 + eastward * eastward + northward * northward);
  float direct = max(facing, 0.0) / max(to_sun.z, 0.1);
  if (has_sun != 0u) direct *= sun.at[at];
  float open = has_sky != 0u ? open_sky(vec2(column, row)) : 1.0;
  light.at[at] = fill * open + (1.0 - fill) * min(direct, 2.0);
}
