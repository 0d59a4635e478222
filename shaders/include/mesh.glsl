// A triangle mesh in a frame; LAYERS: its colours are kept to be sorted. ORIENTED: the front of each triangle is where its
// normals point to, and no texture; PLAIN: one colour as well. What each leaves out, small triangles need not be set up for.
#include "frame.glsl"
#include "srgb.glsl"
#ifdef LAYERS
#include "fragments.glsl"
#endif

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Places { vec3 at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Colors { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Corners { vec2 at[]; };

const uint kNormals = 1u, kColors = 2u, kTexture = 4u;

layout(push_constant, scalar) uniform Push {
  Places places;     // (vertices), relative to the mesh's origin
  Places normals;    // (vertices); only with kNormals
  Colors colors;     // (vertices), sRGB with straight alpha; only with kColors
  Corners corners;   // (vertices), places in the texture from its lower left corner; only with kTexture
  vec3 eye;          // from the mesh's origin, in two parts
  vec3 eye_rest;
  vec4 color;        // of all of it: linear, straight alpha
  uint flags;
  uint id;
#ifdef LAYERS
  Heads heads;
  Fragments fragments;
  uint capacity;
#endif
} push;
