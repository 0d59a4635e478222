// What is seen through, as lists of each sample (forge/graphics/layers.hpp).
#ifndef FORGE_FRAGMENTS_GLSL
#define FORGE_FRAGMENTS_GLSL
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

struct Fragment {
  uvec2 color;  // rgba16f, linear and premultiplied
  float depth;
  uint group;   // 0, or an object of which only the nearest counts: parts of it are one thing where they overlap
  uint before;  // the one before in its sample's list, from 1; 0: none
};

layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Heads { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Fragments {
  uint count;
  uint unused[3];
  Fragment at[];
};
#endif
