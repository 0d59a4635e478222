// forge: template
// Products of rows with a few vectors, where the elements of a row lie together: a subgroup takes ROWS rows, its lanes go
// along them; and where rows are short, `tiles` times so many, one after another.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#include "gemm.glsl"
#include "gemv.glsl"
#include "grid.glsl"

#ifndef ROWS
#define ROWS 8
#endif

SUM sum[ROWS][VECTORS];
uint starts[ROWS];

void take(uint i, uint vectors_first) {
  SUM x[VALUES * VECTORS];
  [[unroll]] for (uint v = 0; v < VALUES * VECTORS; ++v) x[v] = vectors.at[vectors_first + i * (VALUES * VECTORS) + v];
  [[unroll]] for (uint r = 0; r < ROWS; ++r) {
    const LOADED word = LOAD(starts[r] + i * column_stride);
    [[unroll]] for (uint v = 0; v < VALUES; ++v)
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[r][n] += VALUE(word, v) * x[v * VECTORS + n];
  }
}

void main() {
#if VALUES == 1 && SMALL != 0
  matrix = Matrix(uvec2(source) & uvec2(~3u, ~0u));  // the word that the memory starts in
#endif
  BEGIN_ENDING
  const uint lane = gl_SubgroupInvocationID;
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  const uint to = batch * product_batch + split * product_split, vectors_first = batch * vectors_batch;
  const uint end = min((split + 1) * chunk, length);
  for (uint tile = group_index() * tiles; tile < (group_index() + 1) * tiles; ++tile) {
    const uint top = tile * ROWS;
    if (top >= rows) return;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
      starts[r] = first + batch * batch_stride + min(top + r, rows - 1) * row_stride;
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[r][n] = SUM(0);
    }
    uint i = split * chunk;
    for (; i + SUBGROUP_SIZE <= end; i += SUBGROUP_SIZE) take(i + lane, vectors_first);
    if (i + lane < end) take(i + lane, vectors_first);
    [[unroll]] for (uint r = 0; r < ROWS; ++r)
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) {
        const SUM whole = subgroupAdd(sum[r][n]);
        if (lane == 0 && top + r < rows)
          product.at[to + (top + r) * product_row + n * product_column] = FINISHED(whole, top + r, n);
      }
  }
}
