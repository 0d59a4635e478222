// forge: template
// Rows of chosen tokens, taken out of panels and divided by their root mean square: (row, value). A subgroup a row.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef TILE
#define TILE 1
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Words { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Values x;
  Values gain;
  Words tokens;  // of each row
  Target target;
  uint width;
  float epsilon;
};

void main() {
  const uint row = gl_WorkGroupID.x, t = tokens.at[row];
  const uint from = t / TILE * width * TILE + t % TILE;
  float sum = 0.0;
  for (uint i = gl_SubgroupInvocationID; i < width; i += SUBGROUP_SIZE) {
    const float value = x.at[from + i * TILE];
    sum += value * value;
  }
  const float factor = 1.0 / sqrt(subgroupAdd(sum) / float(width) + epsilon);
  for (uint i = gl_SubgroupInvocationID; i < width; i += SUBGROUP_SIZE)
    target.at[row * width + i] = x.at[from + i * TILE] * factor * gain.at[i];
}
