// Lines of a width in pixels, with their joins and caps worked out where they are seen.
#include "frame.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Places { vec3 at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Segments { uvec4 at[]; };

const uint kMiter = 0u, kRound = 1u, kBevel = 2u;  // joins
const uint kButt = 3u, kSquare = 4u;               // caps; kRound as well
const uint kMostDashes = 16u;

layout(scalar, binding = 2) uniform Style {
  vec3 eye;            // from the lines' origin, in two parts
  vec3 eye_rest;
  vec4 color;          // linear, straight alpha
  float half_width;    // samples
  float nudge;         // samples that lines come forward, on level ground seen from above
  uint joins;
  uint caps;
  uint colored;
  uint dashes;         // entries of `ends`; 0: drawn through
  float ends[kMostDashes];  // samples from the pattern's start to the end of each stroke and gap in turn
} style;

// A segment in the picture.
struct Stroke {
  vec4 ends;     // its ends, samples from the target's upper left corner
  vec4 turns;    // unit directions of the segment before and of the one after; 0: there is none
  vec2 depths;   // at its ends; of one that is not seen -1
  vec2 parts;    // where the ends are on the segment as given, 0 to 1
};
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Strokes { Stroke at[]; };
