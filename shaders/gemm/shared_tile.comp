// forge: template
// One workgroup, one tile of the product: BLOCK_ROWS x BLOCK_COLUMNS sums, BLOCK_DEPTH values of k at a time through shared
// memory, THREAD x THREAD sums a thread in registers. With two BUFFERS the next values are under way while these are summed.
#version 450
#include "types.glsl"
#include "gemm.glsl"

#ifndef BLOCK_ROWS
#define SUM4 vec4
#define BLOCK_ROWS 64
#define BLOCK_COLUMNS 64
#define BLOCK_DEPTH 16
#define THREAD 4
#define BUFFERS 2
#endif

const uint kAcross = BLOCK_COLUMNS / THREAD, kThreads = kAcross * (BLOCK_ROWS / THREAD);
const uint kQuads = THREAD / 4;
const uint kLeft = BLOCK_DEPTH * BLOCK_ROWS / 4, kRight = BLOCK_DEPTH * BLOCK_COLUMNS / 4;  // quads a turn
const uint kLeftEach = (kLeft + kThreads - 1) / kThreads, kRightEach = (kRight + kThreads - 1) / kThreads;

layout(local_size_x = kThreads) in;

layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer Quads { SUM4 at[]; };
layout(buffer_reference, scalar) readonly buffer Bias { SUM at[]; };
layout(buffer_reference, scalar) writeonly buffer Product { OUT at[]; };

layout(push_constant, scalar) uniform Push {
  Quads a;               // panels of BLOCK_ROWS rows
  Quads b;               // panels of BLOCK_COLUMNS columns
  Product product;
  Bias bias;
  uint rows;
  uint columns;
  uint depth;            // values of k in the panels
  uint chunk;            // values of k a split, a multiple of BLOCK_DEPTH
  uint splits;
  uint a_batch;          // quads from one batch's panels to the next's; 0: shared by all
  uint b_batch;
  uint row_stride;       // elements of the product
  uint column_stride;
  uint batch_stride;
  uint split_stride;
};

shared SUM4 left[BUFFERS][kLeft];
shared SUM4 right[BUFFERS][kRight];

uint me = gl_LocalInvocationIndex;
uint across = me % kAcross, down = me / kAcross;
SUM4 sum[THREAD][kQuads];

void add_up(uint buffer_index) {
  for (uint k = 0; k < BLOCK_DEPTH; ++k) {
    SUM4 y[kQuads];
    [[unroll]] for (uint q = 0; q < kQuads; ++q)
      y[q] = right[buffer_index][k * (BLOCK_COLUMNS / 4) + q * kAcross + across];
    [[unroll]] for (uint p = 0; p < kQuads; ++p) {
      const SUM4 x = left[buffer_index][k * (BLOCK_ROWS / 4) + p * (BLOCK_ROWS / THREAD) + down];
      [[unroll]] for (uint i = 0; i < 4; ++i)
        [[unroll]] for (uint q = 0; q < kQuads; ++q) sum[p * 4 + i][q] += x[i] * y[q];
    }
  }
}

void main() {
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  const uint begin = split * chunk, end = min(begin + chunk, depth);
  uint from_a = batch * a_batch + (gl_WorkGroupID.y * depth + begin) * (BLOCK_ROWS / 4) + me;
  uint from_b = batch * b_batch + (gl_WorkGroupID.x * depth + begin) * (BLOCK_COLUMNS / 4) + me;
  [[unroll]] for (uint i = 0; i < THREAD; ++i) [[unroll]] for (uint q = 0; q < kQuads; ++q) sum[i][q] = SUM4(0);

  uint current = 0;
  SUM4 next_left[kLeftEach], next_right[kRightEach];
  for (uint k = begin; k < end; k += BLOCK_DEPTH) {
    [[unroll]] for (uint i = 0; i < kLeftEach; ++i)
      if (me + i * kThreads < kLeft) next_left[i] = a.at[from_a + i * kThreads];
    [[unroll]] for (uint i = 0; i < kRightEach; ++i)
      if (me + i * kThreads < kRight) next_right[i] = b.at[from_b + i * kThreads];
    from_a += kLeft;
    from_b += kRight;
#if BUFFERS == 2
    if (k != begin) add_up(current ^ 1);
#else
    barrier();
#endif
    [[unroll]] for (uint i = 0; i < kLeftEach; ++i)
      if (me + i * kThreads < kLeft) left[current][me + i * kThreads] = next_left[i];
    [[unroll]] for (uint i = 0; i < kRightEach; ++i)
      if (me + i * kThreads < kRight) right[current][me + i * kThreads] = next_right[i];
    barrier();
#if BUFFERS == 2
    current ^= 1;
#else
    add_up(0);
#endif
  }
#if BUFFERS == 2
  if (begin < end) add_up(current ^ 1);
#endif

  const uint to = batch * batch_stride + split * split_stride;
  BEGIN_ENDING
  [[unroll]] for (uint i = 0; i < THREAD; ++i) {
    const uint row = gl_WorkGroupID.y * BLOCK_ROWS + (i / 4 * (BLOCK_ROWS / THREAD) + down) * 4 + i % 4;
    if (row < rows)
      [[unroll]] for (uint q = 0; q < kQuads; ++q)
        [[unroll]] for (uint j = 0; j < 4; ++j) {
          const uint column = gl_WorkGroupID.x * BLOCK_COLUMNS + (q * kAcross + across) * 4 + j;
          if (column < columns)
            product.at[to + row * row_stride + column * column_stride] = FINISHED(sum[i][q][j], row, column);
        }
  }
}
