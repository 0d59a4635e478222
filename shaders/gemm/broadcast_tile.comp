// forge: template
// One subgroup, one tile of the product: ROWS x (LANES * WIDTH * SUBGROUP_SIZE) sums in registers. Each lane loads some rows
// of A for itself and hands them round by subgroupBroadcast: on CPU drivers loads cost ten times what a broadcast does.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_ballot : require
#include "gemm.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef ROWS
#define ROWS 32
#define LANES 4
#define STEP 2
#endif

// Not every device hands 64-bit integers round: they go as two words.
#ifdef LONG
#define HANDED(x, lane) SUM(packUint2x32(subgroupBroadcast(unpackUint2x32(uint64_t(x)), lane)))
#else
#define HANDED(x, lane) subgroupBroadcast(x, lane)
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

const uint kGroup = SUBGROUP_SIZE * WIDTH;  // rows of A that one load of the subgroup brings
const uint kColumns = LANES * WIDTH;        // columns a lane

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Words { WORD at[]; };
layout(buffer_reference, scalar) readonly buffer Bias { SUM at[]; };
layout(buffer_reference, scalar) writeonly buffer Product { OUT at[]; };

layout(push_constant, scalar) uniform Push {
  Words a;               // panels of ROWS rows
  Words b;               // panels of LANES * kGroup columns
  Product product;
  Bias bias;
  uint rows;
  uint columns;
  uint depth;            // values of k in the panels
  uint chunk;            // values of k a split, a multiple of STEP
  uint splits;
  uint a_batch;          // words from one batch's panels to the next's; 0: shared by all
  uint b_batch;
  uint row_stride;       // elements of the product
  uint column_stride;
  uint batch_stride;
  uint split_stride;
};

void main() {
  const uint lane = gl_SubgroupInvocationID;
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  const uint begin = split * chunk, end = min(begin + chunk, depth);
  uint from_a = batch * a_batch + (gl_WorkGroupID.y * depth + begin) * (ROWS / WIDTH) + lane;
  uint from_b = batch * b_batch + (gl_WorkGroupID.x * depth + begin) * (LANES * SUBGROUP_SIZE) + lane;
  SUM sum[ROWS][kColumns];
  [[unroll]] for (uint i = 0; i < ROWS; ++i) [[unroll]] for (uint j = 0; j < kColumns; ++j) sum[i][j] = SUM(0);

  for (uint k = begin; k < end; k += STEP) {
    [[unroll]] for (uint s = 0; s < STEP; ++s) {
      SUM_WORD left[ROWS / kGroup];
      SUM right[kColumns];
      [[unroll]] for (uint g = 0; g < ROWS / kGroup; ++g) left[g] = UNPACK(a.at[from_a + g * SUBGROUP_SIZE]);
      [[unroll]] for (uint j = 0; j < LANES; ++j) {
        const SUM_WORD word = UNPACK(b.at[from_b + j * SUBGROUP_SIZE]);
        [[unroll]] for (uint w = 0; w < WIDTH; ++w) right[j * WIDTH + w] = PART(word, w);
      }
      [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        const SUM one = HANDED(PART(left[i / kGroup], i % WIDTH), i % kGroup / WIDTH);
        [[unroll]] for (uint j = 0; j < kColumns; ++j) sum[i][j] += one * right[j];
      }
      from_a += ROWS / WIDTH;
      from_b += LANES * SUBGROUP_SIZE;
    }
  }

  BEGIN_ENDING
  const uint top = gl_WorkGroupID.y * ROWS, first = gl_WorkGroupID.x * LANES * kGroup + lane * WIDTH;
  const uint to = batch * batch_stride + split * split_stride;
  // Stores are many instructions each on CPU drivers: the loop is one, over sums that wait in an array.
  SUM waiting[ROWS * kColumns];
  [[unroll]] for (uint i = 0; i < ROWS; ++i)
    [[unroll]] for (uint j = 0; j < kColumns; ++j) waiting[i * kColumns + j] = sum[i][j];
  const uint last = min(ROWS, rows - top);
  [[dont_unroll]] for (uint i = 0; i < last; ++i)
    [[unroll]] for (uint j = 0; j < kColumns; ++j) {
      const uint column = first + j / WIDTH * kGroup + j % WIDTH;
      if (column < columns)
        product.at[to + (top + i) * row_stride + column * column_stride] =
            FINISHED(waiting[i * kColumns + j], top + i, column);
    }
}
