// forge: template
// Copies a matrix of any strides and dtype into panels (include/gemm.glsl). TILE rows a panel.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require

#ifndef SUM
#define SOURCE float
#define SUM float
#define TILE 32
#define DEPTH 8
#define SMALL 0
#endif
// Small types come out of 32-bit words, so that no device needs storage of 8 or 16 bits.
#if SMALL == 16  // float16
#define FETCH(i) unpackHalf2x16(words.at[(i) >> 1] >> (((i) & 1) * 16)).x
#elif SMALL == 8  // int8 or uint8, as SOURCE is int or uint
#define FETCH(i) bitfieldExtract(words.at[(i) >> 2], int((i) & 3) * 8, 8)
#else
#define FETCH(i) words.at[i]
#endif

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Source { SOURCE at[]; };
layout(buffer_reference, scalar) writeonly buffer Panels { SUM at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;
  Panels target;
  uint first;          // element (0, 0) of batch 0
  uint rows;
  uint depth;          // values of k
  uint padded;         // of the panels: a multiple of the tile kernel's step
  uint panel_rows;     // rows rounded up to whole panels
  uint row_stride;     // elements; negative ones wrap
  uint depth_stride;
  uint batch_stride;
  uint turns;          // DEPTH values of k each, of a thread
};

void main() {
#if SMALL != 0  // the word that the memory starts in; `first` counts from there
  Source words = Source(uvec2(source) & uvec2(~3u, ~0u));
#else
  Source words = source;
#endif
  uint row = gl_GlobalInvocationID.x;
  if (row >= panel_rows) return;
  uint k = gl_WorkGroupID.y * (DEPTH * turns);
  const uint end = min(k + DEPTH * turns, padded);
  uint from = first + gl_WorkGroupID.z * batch_stride + row * row_stride + k * depth_stride;
  uint to = gl_WorkGroupID.z * panel_rows * padded + ((row / TILE) * padded + k) * TILE + row % TILE;
  for (; k < end; k += DEPTH) {
    [[unroll]] for (uint i = 0; i < DEPTH; ++i) {
      SUM value = SUM(0);
      if (row < rows && k + i < depth) value = SUM(FETCH(from + i * depth_stride));
      if (k + i < end) target.at[to + i * TILE] = value;
    }
    from += DEPTH * depth_stride;
    to += DEPTH * TILE;
  }
}
