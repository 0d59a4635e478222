// forge: template
// Products of columns with a few vectors, where the elements of a row lie together: each lane has columns of its own and
// goes down the rows. Long runs of a row at a time (LANES words a lane) keep memory pages and caches in use.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require
#include "gemm.glsl"
#include "gemv.glsl"

#ifndef LANES
#define LANES 8
#endif

void main() {
#if VALUES == 1 && SMALL != 0
  matrix = Matrix(uvec2(source) & uvec2(~3u, ~0u));  // the word that the memory starts in
#endif
  const uint lane = gl_LocalInvocationID.x, left = gl_WorkGroupID.x * (LANES * SUBGROUP_SIZE) + lane;
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  SUM sum[LANES][VALUES][VECTORS];
  uint at[LANES];
  [[unroll]] for (uint j = 0; j < LANES; ++j) {
    at[j] = first + batch * batch_stride + min(left + j * SUBGROUP_SIZE, length - 1) * column_stride;
    [[unroll]] for (uint v = 0; v < VALUES; ++v) [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[j][v][n] = SUM(0);
  }
  const uint end = min((split + 1) * chunk, rows), vectors_first = batch * vectors_batch;
  for (uint row = split * chunk; row < end; ++row) {
    SUM x[VECTORS];
    [[unroll]] for (uint n = 0; n < VECTORS; ++n) x[n] = vectors.at[vectors_first + row * VECTORS + n];
    [[unroll]] for (uint j = 0; j < LANES; ++j) {
      const LOADED word = LOAD(at[j] + row * row_stride);
      [[unroll]] for (uint v = 0; v < VALUES; ++v)
        [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[j][v][n] += VALUE(word, v) * x[n];
    }
  }

  BEGIN_ENDING
  const uint to = batch * product_batch + split * product_split;
  [[unroll]] for (uint j = 0; j < LANES; ++j)
    if (left + j * SUBGROUP_SIZE < length)
      [[unroll]] for (uint v = 0; v < VALUES; ++v) {
        const uint column = (left + j * SUBGROUP_SIZE) * VALUES + v;
        [[unroll]] for (uint n = 0; n < VECTORS; ++n)
          product.at[to + column * product_row + n * product_column] = FINISHED(sum[j][v][n], column, n);
      }
}
