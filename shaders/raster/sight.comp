// forge: template
// Which cells an observer sees: the line of sight to each cell, looked at wherever it crosses a row or column of cells (R3 of
// Franklin and Ray 1994, "Higher isn't necessarily better: visibility algorithms and experiments"), with heights linear
// between two cells. Writes 1 or 0, or under NEEDED how high above the ground something must be to be seen.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;  // (rows, columns)
  Target target;    // (rows, columns)
  uint rows;
  uint columns;
  uint start;       // the first row of this launch
  uint most_steps;  // of a line; cells beyond are not seen
  int observer_row;
  int observer_column;
  vec2 cell;        // metres from column to column and from row to row
  float above;      // eye over ground
  float target_above;
  float reach;      // metres
  float bend;       // how far the ground falls off by a metre's distance squared
  float nodata;
  float fill;
};

bool hole(float h) { return h == nodata || isnan(h); }

float height(ivec2 place) { return heights.at[uint(place.y) * columns + uint(place.x)]; }

// A hole hides nothing; beside one the other cell counts alone.
float between(float a, float b, float part) {
  float a_or_b = hole(a) ? b : a, b_or_a = hole(b) ? a : b;
  return hole(a) && hole(b) ? -3e38 : a_or_b + (b_or_a - a_or_b) * part;
}

// How high above its ground a cell must reach to be seen over a slope.
float needed_over(float steepest, float eye, float distance, float own) {
  return max(0.0, eye + steepest * distance + bend * distance * distance - own);
}

// The steepest slope from the eye to the ground between the observer and a cell so many steps away; where only being seen
// counts, of the ground up to what hides it.
float horizon(ivec2 observer, ivec2 way, uint steps, float eye, float distance, float own) {
  uvec2 far = uvec2(abs(way));
  ivec2 turn = sign(way);
  bool along_x = far.x >= far.y;
  uint across = along_x ? far.y : far.x;
  ivec2 aside = along_x ? ivec2(0, turn.y) : ivec2(turn.x, 0), ahead = turn - aside;
  float steepest = -3e38;
  uint whole = 0u, rest = 0u;  // across * i / steps, without a division: CPU drivers take one lane after another for it
  for (uint i = 1u; i < steps; ++i) {
    rest += across;
    bool crosses = rest >= steps;  // a line of cells that goes the other way, since the last step
    if (crosses) rest -= steps, ++whole;
    float part = float(rest) / float(steps);
    ivec2 place = observer + (along_x ? ivec2(turn.x * int(i), turn.y * int(whole)) : ivec2(turn.x * int(whole), turn.y * int(i)));
    float h = between(height(place), height(part > 0.0 ? place + aside : place), part);
    float d = distance * (float(i) / float(steps));
    steepest = max(steepest, (h - eye - bend * d * d) / d);
    if (crosses && rest > 0u) {
      h = between(height(place), height(place - ahead), float(rest) / float(across));
      d = distance * (float(whole) / float(across));
      steepest = max(steepest, (h - eye - bend * d * d) / d);
    }
#ifndef NEEDED
    if (needed_over(steepest, eye, distance, own) > target_above) break;
#endif
  }
  return steepest;
}

void main() {
  uint column = gl_GlobalInvocationID.x, row = start + gl_WorkGroupID.y, at = row * columns + column;
  if (column >= columns) return;
  ivec2 observer = ivec2(observer_column, observer_row), way = ivec2(int(column), int(row)) - observer;
  uvec2 far = uvec2(abs(way));
  uint steps = max(far.x, far.y);
  float own = heights.at[at], distance = length(vec2(way) * cell);
  float ground = height(observer), eye = ground + above;  // from a hole nothing can be said of any cell
  bool in_reach = distance <= reach && steps <= most_steps, missing = hole(own) || hole(ground);
  float steepest = horizon(observer, way, in_reach && !missing ? steps : 0u, eye, distance, own);
  float needed = steps == 0u ? 0.0 : needed_over(steepest, eye, distance, own);
#ifdef NEEDED
  float result = in_reach ? needed : fill;
#else
  float result = in_reach && needed <= target_above ? 1.0 : 0.0;
#endif
  target.at[at] = missing ? fill : result;
}
