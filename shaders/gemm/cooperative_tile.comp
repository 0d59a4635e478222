// forge: template
// One workgroup, one tile of the product by matrix units: float16 in, float32 sums. GRID x GRID subgroups share the tile;
// panels of float16 go through shared memory BLOCK_DEPTH values of k at a time.
#version 450
#include "types.glsl"
#ifdef GL_KHR_cooperative_matrix  // older compilers do not know it; the host then takes shared_tile
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#endif
#include "gemm.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 32
#endif
#ifndef BLOCK_ROWS
#define BLOCK_ROWS 128
#define BLOCK_COLUMNS 128
#define BLOCK_DEPTH 32
#define GRID 2
#define UNIT_ROWS 16       // of the matrices that the units multiply: (UNIT_ROWS, UNIT_DEPTH) by (UNIT_DEPTH, UNIT_COLUMNS)
#define UNIT_COLUMNS 16
#define UNIT_DEPTH 16
#endif

const uint kThreads = GRID * GRID * SUBGROUP_SIZE;
const uint kDown = BLOCK_ROWS / GRID / UNIT_ROWS, kAcross = BLOCK_COLUMNS / GRID / UNIT_COLUMNS;  // a subgroup's matrices
// Rows of shared memory in quads, one more than they hold, so that neighbours fall into different banks.
const uint kLeftRow = BLOCK_ROWS / 4 + 1, kRightRow = BLOCK_COLUMNS / 4 + 1;
const uint kLeft = BLOCK_DEPTH * BLOCK_ROWS / 4, kRight = BLOCK_DEPTH * BLOCK_COLUMNS / 4;

layout(local_size_x = kThreads) in;

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Quads { f16vec4 at[]; };
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

#ifdef GL_KHR_cooperative_matrix
shared f16vec4 left[BLOCK_DEPTH * kLeftRow];
shared f16vec4 right[BLOCK_DEPTH * kRightRow];
shared float finished[GRID * GRID * UNIT_ROWS * UNIT_COLUMNS];

#define SUMS coopmat<float, gl_ScopeSubgroup, UNIT_ROWS, UNIT_COLUMNS, gl_MatrixUseAccumulator>

void main() {
  const uint me = gl_LocalInvocationIndex;
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  const uint begin = split * chunk, end = min(begin + chunk, depth);
  uint from_a = batch * a_batch + (gl_WorkGroupID.y * depth + begin) * (BLOCK_ROWS / 4);
  uint from_b = batch * b_batch + (gl_WorkGroupID.x * depth + begin) * (BLOCK_COLUMNS / 4);
  const uint down = gl_SubgroupID / GRID * kDown, across = gl_SubgroupID % GRID * kAcross;  // in matrices

  SUMS sum[kDown][kAcross];
  [[unroll]] for (uint i = 0; i < kDown; ++i)
    [[unroll]] for (uint j = 0; j < kAcross; ++j) sum[i][j] = SUMS(0.0);

  for (uint k = begin; k < end; k += BLOCK_DEPTH) {
    for (uint i = me; i < kLeft; i += kThreads)
      left[i / (BLOCK_ROWS / 4) * kLeftRow + i % (BLOCK_ROWS / 4)] = a.at[from_a + i];
    for (uint i = me; i < kRight; i += kThreads)
      right[i / (BLOCK_COLUMNS / 4) * kRightRow + i % (BLOCK_COLUMNS / 4)] = b.at[from_b + i];
    from_a += kLeft;
    from_b += kRight;
    barrier();
    [[unroll]] for (uint step = 0; step < BLOCK_DEPTH; step += UNIT_DEPTH) {
      coopmat<float16_t, gl_ScopeSubgroup, UNIT_DEPTH, UNIT_COLUMNS, gl_MatrixUseB> y[kAcross];
      [[unroll]] for (uint j = 0; j < kAcross; ++j)
        coopMatLoad(y[j], right, step * kRightRow + (across + j) * (UNIT_COLUMNS / 4), kRightRow,
                    gl_CooperativeMatrixLayoutRowMajor);
      [[unroll]] for (uint i = 0; i < kDown; ++i) {
        coopmat<float16_t, gl_ScopeSubgroup, UNIT_ROWS, UNIT_DEPTH, gl_MatrixUseA> x;
        coopMatLoad(x, left, step * kLeftRow + (down + i) * (UNIT_ROWS / 4), kLeftRow,
                    gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint j = 0; j < kAcross; ++j) sum[i][j] = coopMatMulAdd(x, y[j], sum[i][j]);
      }
    }
    barrier();
  }

  // Which lane holds which sum is the driver's own affair: they pass through shared memory, a matrix a subgroup at a time.
  const uint to = batch * batch_stride + split * split_stride, mine = gl_SubgroupID * (UNIT_ROWS * UNIT_COLUMNS);
  BEGIN_ENDING
  for (uint i = 0; i < kDown; ++i)
    for (uint j = 0; j < kAcross; ++j) {
      coopMatStore(sum[i][j], finished, mine, UNIT_COLUMNS, gl_CooperativeMatrixLayoutRowMajor);
      barrier();
      for (uint e = gl_SubgroupInvocationID; e < UNIT_ROWS * UNIT_COLUMNS; e += gl_SubgroupSize) {
        const uint row = gl_WorkGroupID.y * BLOCK_ROWS + (down + i) * UNIT_ROWS + e / UNIT_COLUMNS;
        const uint column = gl_WorkGroupID.x * BLOCK_COLUMNS + (across + j) * UNIT_COLUMNS + e % UNIT_COLUMNS;
        if (row < rows && column < columns)
          product.at[to + row * row_stride + column * column_stride] = FINISHED(finished[mine + e], row, column);
      }
      barrier();
    }
}
#else
void main() {
  if (rows == 0) product.at[batch_stride] = OUT(a.at[a_batch].x + b.at[b_batch].x);
}
#endif
