// forge: template
// Marching squares (Lorensen and Cline 1987 in two dimensions) for many levels at once: an invocation takes a run of cells of
// a row and counts their segments, or under WRITE writes them behind those before. A segment goes from edge to edge with the
// higher ground on its left, so that in the next cell the line goes on; in a saddle the mean of the four corners decides.
#version 450
#include "types.glsl"
#include "grid.glsl"

layout(local_size_x = 64) in;

struct Segment {
  uint level;
  uint from, to;             // edges: 2 i leads east from cell i, 2 i + 1 south
  float from_part, to_part;  // of the way along it
};

layout(buffer_reference, scalar) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar) readonly buffer Levels { vec2 at[]; };
layout(buffer_reference, scalar) buffer Counts { uint at[]; };
layout(buffer_reference, scalar) writeonly buffer Segments { Segment at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;    // (rows, columns)
  Levels levels;      // ascending; each in two parts that add up to it, the first one nearest to it
  Counts counts;      // of each run: how many; when writing, how many before
  Segments segments;
  uint columns;
  uint level_count;
  uint runs;          // all of them
  uint row_runs;      // of a row
  uint run;           // cells of one
  float nodata;
};

// Segments of the 16 cases without saddles, 4 bits each: the side they come from and, two bits on, the side they go to.
// Sides are 0 north, 1 east, 2 south, 3 west; bits of a case are the corners above the level: nw, ne, se, sw.
const uint kLower = 0xB8397430u, kUpper = 0x0C1D642Eu;

float height(uint at) {
  float h = heights.at[at];
  return h == nodata || isinf(h) ? uintBitsToFloat(0x7FC00000u) : h;
}

// Half of a height above a level, as exact as the level: far from zero its second part is all that tells some of them
// apart. The difference has no rounding where it is small, which is where it counts, and halves do not overflow.
float above(float h, vec2 level) {
  precise float far = 0.5 * h - 0.5 * level.x;
  precise float exact = far - 0.5 * level.y;
  return exact;
}

// The first level that is not below x.
uint first_level(float x) {
  uint low = 0u, high = level_count;
  while (low < high) {
    uint middle = (low + high) >> 1;
    if (above(x, levels.at[middle]) > 0.0) low = middle + 1u; else high = middle;
  }
  return low;
}

uint edge(uint cell, uint side) {
  uint base = side == 1u ? cell + 1u : side == 2u ? cell + columns : cell;
  return 2u * base + (side & 1u);
}

float part(vec4 corners, uint side, vec2 level) {
  float a = side == 1u ? corners.y : side == 2u ? corners.w : corners.x;
  float b = side == 0u ? corners.y : side == 3u ? corners.w : corners.z;
  return clamp(-above(a, level) / (0.5 * b - 0.5 * a), 0.0, 1.0);
}

void write(uint place, uint cell, uint index, vec4 corners, uint sides) {
#ifdef WRITE
  uint from = sides & 3u, to = sides >> 2 & 3u;
  vec2 level = levels.at[index];
  segments.at[place] =
      Segment(index, edge(cell, from), edge(cell, to), part(corners, from, level), part(corners, to, level));
#endif
}

// How many segments a cell has at a level; corners go round: nw, ne, se, sw.
uint trace(uint place, uint cell, uint index, vec4 corners) {
  vec2 level = levels.at[index];
  vec4 over = vec4(above(corners.x, level), above(corners.y, level), above(corners.z, level), above(corners.w, level));
  uvec4 higher = uvec4(greaterThan(over, vec4(0.0)));
  uint pattern = higher.x | higher.y << 1 | higher.z << 2 | higher.w << 3;
  bool saddle = pattern == 5u || pattern == 10u;
  uint sides = ((pattern < 8u ? kLower : kUpper) >> (4u * (pattern & 7u))) & 15u;
  uint second = pattern == 5u ? 9u : 14u;
  if (saddle && over.x + over.y + over.z + over.w > 0.0) {
    sides = pattern == 5u ? 1u : 12u;
    second = pattern == 5u ? 11u : 6u;
  }
  write(place, cell, index, corners, sides);
  if (saddle) write(place + 1u, cell, index, corners, second);
  return saddle ? 2u : 1u;
}

void main() {
  uint number = group_index() * 64u + gl_LocalInvocationID.x;
  if (number >= runs) return;
  uint row = number / row_runs, column = (number % row_runs) * run;
  uint end = min(column + run, columns - 1u), count = 0u;
#ifdef WRITE
  uint place = counts.at[number];
#else
  uint place = 0u;
#endif
  uint at = row * columns + column;
  vec2 west = vec2(height(at), height(at + columns));
  for (; column < end; ++column, ++at) {
    vec2 east = vec2(height(at + 1u), height(at + 1u + columns));
    vec4 corners = vec4(west.x, east.x, east.y, west.y);
    west = east;
    float low = min(min(corners.x, corners.y), min(corners.z, corners.w));
    float high = max(max(corners.x, corners.y), max(corners.z, corners.w));
    if (isnan(corners.x + corners.y + corners.z + corners.w) || low == high) continue;
    for (uint index = first_level(low); index < level_count && above(high, levels.at[index]) > 0.0; ++index)
      count += trace(place + count, at, index, corners);
  }
#ifndef WRITE
  counts.at[number] = count;
#endif
}
