// forge: template
// How many thresholds lie at or below the upper 53 bits of each word: the weight that a draw falls on.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Words { uvec2 at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { uvec2 at[]; };

layout(push_constant, scalar) uniform Push {
  Words words;
  Words thresholds;  // rising; the last is beyond every word
  Target target;
  uint count;
  uint n;            // thresholds
};

bool at_or_below(uvec2 a, uvec2 b) { return a.y < b.y || (a.y == b.y && a.x <= b.x); }

void main() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint i = group * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (i >= count) return;
  uvec2 word = words.at[i];
  uvec2 draw = uvec2(word.x >> 11 | word.y << 21, word.y >> 11);
  uint low = 0, high = n - 1;
  while (low < high) {
    uint middle = low + (high - low) / 2;
    if (at_or_below(thresholds.at[middle], draw))
      low = middle + 1;
    else
      high = middle;
  }
  target.at[i] = uvec2(low, 0);
}
