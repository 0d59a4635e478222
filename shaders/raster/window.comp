// forge: template
// What a window of 3 x 3 cells says of its middle: slope, light, curvature and their kin. The host defines MEASURE, an
// expression over the names below (src/forge/graphics/raster/measures.def); GRADIENT_ZT for the differences of Zevenbergen and
// Thorne 1987 instead of those of Horn 1981; EDGES where windows that reach beyond the raster or over holes count as well;
// OUT_BYTE for results of 8 bits; WIDE where rows are whole words of 16 bytes. An invocation walks down four columns with their
// windows in registers: six loads for four cells, or one of 16 bytes and two, which halves the time on CPU drivers.
#version 450
#include "types.glsl"
#ifndef MEASURE
#define MEASURE vf_atan(sqrt(squared))
#define USES_atan
#endif
#include "elementary.glsl"
#include "window_words.glsl"

layout(local_size_x = 64) in;

#ifdef OUT_BYTE
#define OUT uint8_t
#define STORED(x) uint8_t(uint(x + 0.5))
#define OUT_WIDE uint
#define STORED_WIDE(v) packed(v)
#else
#define OUT float
#define STORED(x) (x)
#define OUT_WIDE vec4
#define STORED_WIDE(v) (v)
#endif

#ifdef WIDE
#define WORD OUT_WIDE
#else
#define WORD OUT
#endif
layout(binding = 0, scalar) readonly buffer Source { float at[]; } source;
layout(binding = 1, scalar) readonly buffer Words { vec4 at[]; } words;  // the source again; read where WIDE
layout(binding = 2, scalar) writeonly buffer Target { WORD at[]; } target;

layout(push_constant, scalar) uniform Push {
  uint rows;
  uint columns;
  uint first;         // element of the source that is the first of row `bound_row`
  uint target_first;  // element of the target that is the first of row `start`
  int bound_row;      // the first that is bound
  uint start;         // rows start .. end are computed
  uint end;
  uint each;          // rows of an invocation
  float nodata;       // cells of this value are holes, as those that are NaN
  float fill;         // what holes get
  float per_east;     // from the gradient's weighted differences to its slopes
  float per_north;
  vec4 a;             // of the measure
  vec4 b;
};

const float kDegrees = 57.2957795, kPi = 3.14159265;

uint packed(vec4 v) {
  uvec4 u = uvec4(v + 0.5);
  return u.x | u.y << 8 | u.z << 16 | u.w << 24;
}

// Four cells of a row with those west and east of each; beyond the raster its outermost ones.
struct Row {
  vec4 west, here, east;
};

vec4 known(vec4 heights) { return mix(heights, vec4(uintBitsToFloat(0x7FC00000u)), equal(heights, vec4(nodata))); }

Row cells(int row, uint column) {
  uint at = first + uint(clamp(row, 0, int(rows) - 1) - bound_row) * columns, last = columns - 1u;
  vec2 sides = vec2(source.at[at + max(column, 1u) - 1u], source.at[at + min(column + 4u, last)]);
#ifdef WIDE
  vec4 here = words.at[(at + column) / 4u];
#else
  vec4 here = vec4(source.at[at + column], source.at[at + min(column + 1u, last)], source.at[at + min(column + 2u, last)],
                   source.at[at + min(column + 3u, last)]);
#endif
  here = known(here);
  sides = known(vec4(sides, sides)).xy;
  return Row(vec4(sides.x, here.xyz), here, vec4(here.yzw, sides.y));
}

float measured(vec3 up, vec3 mid, vec3 down) {
  float here = mid.y;
  vec3 du = up - here, dm = mid - here, dd = down - here;  // against the middle
#ifdef GRADIENT_ZT
  float east = (mid.z - mid.x) * per_east;
  float north = (up.y - down.y) * per_north;
#else
  float east = ((up.z - up.x) + 2.0 * (mid.z - mid.x) + (down.z - down.x)) * per_east;
  float north = ((up.x - down.x) + 2.0 * (up.y - down.y) + (up.z - down.z)) * per_north;
#endif
  float squared = east * east + north * north;
  return MEASURE;
}

#ifdef EDGES
vec3 without_holes(vec3 row, float here) { return mix(row, vec3(here), isnan(row)); }

// Beyond the raster columns go on as they came, but repeat in the first and the last row.
vec3 continued(vec3 row, bool left, bool right, bool repeats) {
  row.x = left ? (repeats ? row.y : 2.0 * row.y - row.z) : row.x;
  row.z = right ? (repeats ? row.y : 2.0 * row.y - row.x) : row.z;
  return row;
}

// As gdaldem has it with -compute_edges: rows beyond the raster go on as they came, and holes are as high as the middle.
float value(uint row, uint column, vec3 up, vec3 mid, vec3 down) {
  bool top = row == 0u, bottom = row + 1u == rows, left = column == 0u, right = column + 1u == columns;
  bool repeats = top || bottom;
  vec3 above = continued(top ? 2.0 * mid - down : up, left, right, repeats);
  vec3 below = continued(bottom ? 2.0 * mid - up : down, left, right, repeats);
  float here = mid.y;
  mid = continued(mid, left, right, repeats);
  float result = measured(without_holes(above, here), without_holes(mid, here), without_holes(below, here));
  return isnan(here) || rows < 2u || columns < 2u ? fill : result;
}
#else
float value(uint row, uint column, vec3 up, vec3 mid, vec3 down) {
  bool inside = row != 0u && row + 1u != rows && column != 0u && column + 1u != columns;
  vec3 sum = up + mid + down;
  float result = measured(up, mid, down);
  return inside && !isnan(sum.x + sum.y + sum.z) ? result : fill;
}
#endif

#define VALUE(k) \
  value(row, column + k, vec3(up.west[k], up.here[k], up.east[k]), vec3(mid.west[k], mid.here[k], mid.east[k]), \
        vec3(down.west[k], down.here[k], down.east[k]))

void main() {
  uint column = gl_GlobalInvocationID.x * 4u;
  uint from = start + gl_WorkGroupID.y * each, to = min(from + each, end);
  if (column >= columns) return;
  Row up = cells(int(from) - 1, column), mid = cells(int(from), column);
  for (uint row = from; row < to; ++row) {
    Row down = cells(int(row) + 1, column);
    uint at = target_first + (row - start) * columns + column;
    vec4 values = vec4(VALUE(0), VALUE(1), VALUE(2), VALUE(3));
#ifdef WIDE
    target.at[at / 4u] = STORED_WIDE(values);
#else
    target.at[at] = STORED(values.x);
    if (column + 1u < columns) target.at[at + 1u] = STORED(values.y);
    if (column + 2u < columns) target.at[at + 2u] = STORED(values.z);
    if (column + 3u < columns) target.at[at + 3u] = STORED(values.w);
#endif
    up = mid;
    mid = down;
  }
}
