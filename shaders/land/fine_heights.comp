// Heights of a working grid with several cells to one of the raster's: the cubic of Catmull and Rom through its heights, kept from
// swinging over at the edges of cliffs. A cell of the raster that is a hole is one with straight sides; beside it heights go on as
// they came.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

const float MOST = 1e37;  // heights beyond stand for holes: several programs have their nodata at float32's end

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Source { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;     // (rows, columns): the raster, or some of its rows
  Target target;     // (.., stride)
  uint rows;
  uint columns;
  uvec2 first;       // column and row of the source that the grid begins at
  uvec2 parts;       // cells of the grid to one of the raster, east and south
  uint grid_columns;
  uint stride;
  float level;       // heights count from here
  float nodata;
};

vec4 weights(float t) {
  float t2 = t * t, t3 = t2 * t;
  return vec4(t2 - 0.5 * (t + t3), 1.0 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2.0 * t2 - 1.5 * t3, 0.5 * (t3 - t2));
}

// Between the middle two. Beyond both of them it goes only as far as land rises or falls on both sides.
float curve(vec4 h, vec4 weight) {
  float slack = 0.25 * min(abs(h.y - h.x), abs(h.w - h.z));
  return clamp(dot(h, weight), min(h.y, h.z) - slack, max(h.y, h.z) + slack);
}

void main() {
  uvec2 cell = uvec2(gl_GlobalInvocationID.x, gl_WorkGroupID.y);
  if (cell.x >= grid_columns) return;
  ivec2 last = ivec2(int(columns), int(rows)) - 1, own = ivec2(first + cell / parts);
  float here = source.at[uint(own.y) * columns + uint(own.x)];
  bool hole = !(abs(here) < MOST) || here == nodata;
  vec2 place = (vec2(cell % parts) + 0.5) / vec2(parts) - 0.5;  // from the middle of the raster's cell
  ivec2 corner = own + ivec2(floor(place)) - 1;
  vec2 t = place - floor(place);
  vec4 east = weights(t.x), south = weights(t.y);
  vec4 rows_at;
  for (int y = 0; y < 4; ++y) {
    uint row = uint(clamp(corner.y + y, 0, last.y)) * columns;
    vec4 h;
    for (int x = 0; x < 4; ++x) {
      float there = source.at[row + uint(clamp(corner.x + x, 0, last.x))];
      h[x] = abs(there) < MOST && there != nodata ? there - here : 0.0;  // what is level stays exactly as high as it was
    }
    rows_at[y] = curve(h, east);
  }
  target.at[cell.y * stride + cell.x] = hole ? uintBitsToFloat(0x7FC00000u) : here - level + curve(rows_at, south);
}
