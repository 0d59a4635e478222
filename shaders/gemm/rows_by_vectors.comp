// forge: template
// Products of rows with a few vectors, where the elements of a row lie together: a subgroup takes ROWS rows, its lanes go
// along them; and where rows are short, `tiles` times so many, one after another. Rows of TURNS loads a lane, where that is
// defined, are read to their end before the next one begins, which caches see coming, and the vectors are read once.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_KHR_shader_subgroup_shuffle : require
#include "gemm.glsl"
#include "gemv.glsl"
#include "grid.glsl"

#ifndef ROWS
#define ROWS 8
#endif

SUM sum[ROWS][VECTORS];
uint starts[ROWS];

#ifdef TURNS
SUM held[TURNS * VALUES * VECTORS];

void hold_vectors(uint lane, uint vectors_first) {
  [[unroll]] for (uint t = 0; t < TURNS; ++t)
    [[unroll]] for (uint v = 0; v < VALUES * VECTORS; ++v) {
      const uint i = t * SUBGROUP_SIZE + lane;
      held[t * VALUES * VECTORS + v] = i < length ? vectors.at[vectors_first + i * (VALUES * VECTORS) + v] : SUM(0);
    }
}

void take_rows(uint lane) {
  [[unroll]] for (uint r = 0; r < ROWS; ++r)
    [[unroll]] for (uint t = 0; t < TURNS; ++t) {
      const uint i = t * SUBGROUP_SIZE + lane;
      const bool inside = i < length;
      const LOADED word = LOAD(starts[r] + min(i, length - 1) * column_stride);
      [[unroll]] for (uint v = 0; v < VALUES; ++v) {
        const SUM value = mix(SUM(0), VALUE(word, v), inside);
        [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[r][n] += value * held[(t * VALUES + v) * VECTORS + n];
      }
    }
}
#else
void take(uint i, uint vectors_first) {
  SUM x[VALUES * VECTORS];
  [[unroll]] for (uint v = 0; v < VALUES * VECTORS; ++v) x[v] = vectors.at[vectors_first + i * (VALUES * VECTORS) + v];
  [[unroll]] for (uint r = 0; r < ROWS; ++r) {
    const LOADED word = LOAD(starts[r] + i * column_stride);
    [[unroll]] for (uint v = 0; v < VALUES; ++v)
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[r][n] += VALUE(word, v) * x[v * VECTORS + n];
  }
}
#endif

// Rows that are summed over the lanes together: as many as a tree can leave a lane each.
const uint TOGETHER = min(ROWS, SUBGROUP_SIZE);

// Counted by ones: a loop that halves its count lavapipe does not unroll, and then takes part[] from memory.
#define EXCHANGE(half_)                                                                                   \
  if (TOGETHER > half_) {                                                                                 \
    const bool upper = (lane & half_) != 0;                                                               \
    [[unroll]] for (uint r = 0; r < half_; ++r) {                                                         \
      const SUM kept = upper ? part[r + half_] : part[r], given = upper ? part[r] : part[r + half_];      \
      part[r] = kept + subgroupShuffleXor(given, half_);                                                  \
    }                                                                                                     \
  }

// What lane l gets is row l % TOGETHER of those from `at` on: lanes swap halves of what they hold, so that a row costs about one
// exchange, where a sum over the lanes for each would take one for each step.
SUM folded(uint at, uint n, uint lane) {
  SUM part[TOGETHER];
  [[unroll]] for (uint r = 0; r < TOGETHER; ++r) part[r] = sum[at + r][n];
  EXCHANGE(64) EXCHANGE(32) EXCHANGE(16) EXCHANGE(8) EXCHANGE(4) EXCHANGE(2) EXCHANGE(1)
  [[unroll]] for (uint apart = TOGETHER; apart < SUBGROUP_SIZE; apart *= 2) part[0] += subgroupShuffleXor(part[0], apart);
  return part[0];
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
#ifdef TURNS
  hold_vectors(lane, vectors_first);
#endif
  for (uint tile = group_index() * tiles; tile < (group_index() + 1) * tiles; ++tile) {
    const uint top = tile * ROWS;
    if (top >= rows) return;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
      starts[r] = first + batch * batch_stride + min(top + r, rows - 1) * row_stride;
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) sum[r][n] = SUM(0);
    }
#ifdef TURNS
    take_rows(lane);
#else
    uint i = split * chunk;
    for (; i + SUBGROUP_SIZE <= end; i += SUBGROUP_SIZE) take(i + lane, vectors_first);
    if (i + lane < end) take(i + lane, vectors_first);
#endif
    [[unroll]] for (uint at = 0; at < ROWS; at += TOGETHER)
      [[unroll]] for (uint n = 0; n < VECTORS; ++n) {
        const SUM whole = folded(at, n, lane);
        const uint row = top + at + lane;
        if (lane < TOGETHER && row < rows)
          product.at[to + row * product_row + n * product_column] = FINISHED(whole, row, n);
      }
  }
}
