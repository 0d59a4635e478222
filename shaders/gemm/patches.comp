// forge: template
// Panels (include/gemm.glsl) of the patches that a convolution sums: column p is a place of the output, k a channel and a
// place of the kernel. Places outside of the input are zeros. One, two and three axes go as three.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require

#ifndef SUM
#define SOURCE float
#define SUM float
#define TILE 64
#define SMALL 0
#endif
#if SMALL == 16  // float16, out of 32-bit words
#define FETCH(i) unpackHalf2x16(words.at[(i) >> 1] >> (((i) & 1) * 16)).x
#else
#define FETCH(i) words.at[i]
#endif
const uint kDepth = 8;  // values of k a thread

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Source { SOURCE at[]; };
layout(buffer_reference, scalar) writeonly buffer Panels { SUM at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;       // (batches, channels, inner)
  Panels target;
  uint first;          // element (0, 0) of batch 0
  uint first_column;
  uint columns;
  uint panel_columns;  // columns rounded up to whole panels
  uint first_k;
  uint depth;          // values of k
  uint padded;
  uint batch_stride;
  uvec3 inner;         // extents of the input
  uvec2 outer;         // extents of the output, without the first
  uvec3 kernel;
  uvec3 stride;
  ivec3 before;        // padding
  uvec3 dilation;
};

void main() {
#if SMALL != 0
  Source words = Source(uvec2(source) & uvec2(~3u, ~0u));
#else
  Source words = source;
#endif
  const uint column = gl_GlobalInvocationID.x;
  if (column >= panel_columns) return;
  const uint place = first_column + column;
  const uvec3 out_at = uvec3(place / (outer.x * outer.y), place / outer.y % outer.x, place % outer.y);
  const ivec3 corner = ivec3(out_at * stride) - before;

  const uint k = gl_WorkGroupID.y * kDepth, number = first_k + k;
  uvec3 tap = uvec3(number / (kernel.z * kernel.y) % kernel.x, number / kernel.z % kernel.y, number % kernel.z);
  uint channel = number / (kernel.x * kernel.y * kernel.z);
  const uint to = gl_WorkGroupID.z * panel_columns * padded + ((column / TILE) * padded + k) * TILE + column % TILE;
  const uint from = first + gl_WorkGroupID.z * batch_stride;
  [[unroll]] for (uint i = 0; i < kDepth; ++i) {
    const ivec3 at = corner + ivec3(tap * dilation);
    SUM value = SUM(0);
    if (column < columns && k + i < depth && all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, ivec3(inner))))
      value = SUM(FETCH(from + ((channel * inner.x + at.x) * inner.y + at.y) * inner.z + at.z));
    if (k + i < padded) target.at[to + i * TILE] = value;
    if (++tap.z == kernel.z) {
      tap.z = 0;
      if (++tap.y == kernel.y) {
        tap.y = 0;
        if (++tap.x == kernel.x) tap.x = 0, ++channel;
      }
    }
  }
}
