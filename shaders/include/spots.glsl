// Points as squares for the rasteriser, with the part outside the circle left out; LAYERS: colours are kept to be sorted.
#include "points.glsl"
#include "srgb.glsl"
#ifdef LAYERS
#include "fragments.glsl"
#endif

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Colors { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer List {
  uint header[4];
  uint at[];
};

layout(push_constant, scalar) uniform Push {
  Places places;
  Sizes sizes;    // only with kSizes
  Colors colors;  // only with kColors
  List list;      // numbers of points; only with kListed
  vec3 eye;
  vec3 eye_rest;
  float size;
  uint flags;
  vec4 color;     // linear, straight alpha
  uint id;
#ifdef LAYERS
  Heads heads;
  Fragments fragments;
  uint capacity;
#endif
} push;
