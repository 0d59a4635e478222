// forge: template
// x += y / (root mean square of y) * gain, for whole tokens in panels or rows. A subgroup a token.
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
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Values y;
  Values gain;
  Target x;
  uint width;
  float epsilon;
};

void main() {
  const uint t = gl_WorkGroupID.x, from = t / TILE * width * TILE + t % TILE;
  float sum = 0.0;
  for (uint i = gl_SubgroupInvocationID; i < width; i += SUBGROUP_SIZE) {
    const float value = y.at[from + i * TILE];
    sum += value * value;
  }
  const float inverse = 1.0 / sqrt(subgroupAdd(sum) / float(width) + epsilon);
  for (uint i = gl_SubgroupInvocationID; i < width; i += SUBGROUP_SIZE)
    x.at[from + i * TILE] += y.at[from + i * TILE] * inverse * gain.at[i];
}
