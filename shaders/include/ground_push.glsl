#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Shade { float at[]; };

layout(push_constant, scalar) uniform Push {
  mat4 clip;      // as for the land
  vec4 corner;    // of the ground in the land's grid, then its extent
  Shade shade;    // (cells): 0: all light is left, 1: none
  uvec2 cells;
  float height;
  float strength;
} push;
