// Strokes for the rasteriser; LAYERS: their colours are kept to be sorted.
#include "lines.glsl"
#include "srgb.glsl"
#ifdef LAYERS
#include "fragments.glsl"
#endif

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Colors { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Lengths { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Firsts { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Segments segments;
  Strokes strokes;
  Colors colors;    // of points; only where colored
  Lengths lengths;  // of all segments before, in parts of the pattern; only with dashes
  Firsts firsts;    // the first segment of each one's line; only with dashes
  uint id;
#ifdef LAYERS
  Heads heads;
  Fragments fragments;
  uint capacity;
#endif
} push;
