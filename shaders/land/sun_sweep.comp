// The shadows of one direction of the sun, in one pass over the grid: an invocation walks a line away from the sun and keeps the
// ray over the highest that it has met, as it falls. The light's disc is high: what is lit is told from the highest ray of its
// lower edge, and from that of its middle, whichever hides more. Lines lie a cell apart, so each cell is met by one of them.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Sun { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;
  Sun sun;           // the share of the disc that a cell sees, summed over directions
  uint lines;
  uint steps;        // cells along a line
  uint across;       // cells across
  int along_stride;  // in memory, from a cell to the next along a line
  int across_stride;
  int start;         // the cell where lines begin, and whose number across is 0
  int first;         // a line's place across at its first step, in 1/16384 cells: of line 0
  int shift;         // and from step to step
  float drop_low;    // how far the ray of the disc's lower edge falls from step to step, in heights
  float drop_high;   // that of its middle
  float spread;      // between upper and lower edge, in heights, for each step since the ray began
  float weight;
  float water;       // hides what is under it
  uint add;          // to what is there
};

const int kOne = 16384;

float at(int place) {
  float h = heights.at[place];
  return isnan(h) ? -1e30 : max(h, water);
}

void main() {
  uint line = gl_GlobalInvocationID.x;
  if (line >= lines) return;
  int place = first + int(line) * kOne;
  float low = -1e30, middle = -1e30, low_steps = 0.0, middle_steps = 0.0;
  for (uint step = 0u; step < steps; ++step, place += shift) {
    int nearest = (place + kOne / 2) >> 14;
    if (nearest < 0 || nearest >= int(across)) continue;
    int cell = place >> 14;
    float part = float(place & (kOne - 1)) / float(kOne);
    int row = start + int(step) * along_stride;
    float h = mix(at(row + clamp(cell, 0, int(across) - 1) * across_stride),
                  at(row + clamp(cell + 1, 0, int(across) - 1) * across_stride), part);
    low -= drop_low;
    middle -= drop_high;
    low_steps += 1.0;
    middle_steps += 1.0;
    float hidden = clamp(max((low - h) / (low_steps * spread), 0.5 + (middle - h) / (middle_steps * spread)), 0.0, 1.0);
    low_steps = h >= low ? 0.0 : low_steps;
    middle_steps = h >= middle ? 0.0 : middle_steps;
    low = max(low, h);
    middle = max(middle, h);
    int own = row + nearest * across_stride;
    float seen = weight * (1.0 - hidden * hidden * (3.0 - 2.0 * hidden));
    sun.at[own] = add != 0u ? sun.at[own] + seen : seen;
  }
}
