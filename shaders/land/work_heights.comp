// Heights of a working grid with cells as large as several of the raster's: means, in which holes do not count. What is half
// missing or more is a hole. Of cells that stand for very many some are looked at, evenly spread.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

const float MOST = 1e37;  // heights beyond stand for holes: several programs have their nodata at float32's end

const uint kMostLooked = 181u;  // cells of an axis: some drivers end loops after 65,535 passes

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Source { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;     // (rows, source_stride), some rows of the raster
  Target target;     // (.., stride)
  uint rows;
  uint columns;
  uint first_column; // of the source that counts
  uint source_stride;
  uvec2 pool;        // cells of the raster to one of the grid, east and south
  uint grid_columns;
  uint stride;
  uint first_row;    // of the grid, which the source's first row belongs to
  float level;       // heights count from here
  float nodata;
};

void main() {
  uint column = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  if (column >= grid_columns) return;
  uvec2 from = uvec2(column, row) * pool, to = min(from + pool, uvec2(columns, rows));
  uvec2 skip = (pool + kMostLooked - 1u) / kMostLooked;
  float first = 0.0, sum = 0.0, count = 0.0, cells = 0.0;
  for (uint r = from.y; r < to.y; r += skip.y)
    for (uint c = from.x; c < to.x; c += skip.x) {
      float h = source.at[r * source_stride + first_column + c];
      bool counts = abs(h) < MOST && h != nodata;
      first = counts && count == 0.0 ? h : first;
      sum += counts ? h - first : 0.0;  // differences: what is flat stays exactly as high as it was
      count += counts ? 1.0 : 0.0;
      cells += 1.0;
    }
  target.at[(first_row + row) * stride + column] =
      count * 2.0 > cells ? first - level + sum / count : uintBitsToFloat(0x7FC00000u);
}
