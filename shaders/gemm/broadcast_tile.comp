// forge: template
// One subgroup, one tile of the product: ROWS x (LANES * WIDTH * SUBGROUP_SIZE) sums in registers. Each lane loads some rows
// of A for itself and hands them round by subgroupBroadcast: on CPU drivers loads cost ten times what a broadcast does.
// DIRECT: B is what a convolution sums, read where it lies in an input that is padded already; k is a channel and a tap.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_EXT_buffer_reference_uvec2 : require
#include "gemm.glsl"
#include "divide.glsl"

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
layout(buffer_reference, scalar) readonly buffer Plane { SUM at[]; };
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
  uint plane;            // elements of a channel; from here on of a convolution alone
  uint width;            // places of a row
  uvec2 kernel;          // (rows, columns)
  uvec2 dilation;        // elements from one tap to the next, down and along
  uvec2 stride;          // the same of places
  uint magic;            // divide() by the width
  uint magic_shift;
};

#ifdef DIRECT
// Where element k of the sums lies behind a place's first one.
struct Tap {
  uint channel, row, column;
};
Tap tap_of(uint k) {
  const uint taps = kernel.x * kernel.y, rest = k % taps;
  return Tap(k / taps, rest / kernel.y, rest % kernel.y);
}
uint element_of(Tap tap) { return tap.channel * plane + tap.row * dilation.x + tap.column * dilation.y; }
void go_on(inout Tap tap) {
  tap.column += 1;
  const bool line_ends = tap.column == kernel.y;
  tap.column = line_ends ? 0 : tap.column;
  tap.row += line_ends ? 1 : 0;
  const bool kernel_ends = tap.row == kernel.x;
  tap.row = kernel_ends ? 0 : tap.row;
  tap.channel += kernel_ends ? 1 : 0;
}
#define COLUMN(j) (gl_WorkGroupID.x * LANES * kGroup + (j) * SUBGROUP_SIZE + gl_SubgroupInvocationID)
#else
#define COLUMN(j) (gl_WorkGroupID.x * LANES * kGroup + gl_SubgroupInvocationID * WIDTH + (j) / WIDTH * kGroup + (j) % WIDTH)
#endif

void main() {
  const uint lane = gl_SubgroupInvocationID;
  const uint batch = gl_WorkGroupID.z / splits, split = gl_WorkGroupID.z % splits;
  const uint begin = split * chunk, end = min(begin + chunk, depth);
  uint from_a = batch * a_batch + (gl_WorkGroupID.y * depth + begin) * (ROWS / WIDTH) + lane;
#ifdef DIRECT
  Plane source = Plane(uvec2(b));
  uint places[kColumns];
  [[unroll]] for (uint j = 0; j < kColumns; ++j) {
    const uint place = min(COLUMN(j), columns - 1), row = divide(place, uvec3(magic, magic == 0 ? 1 : 0, magic_shift));
    places[j] = batch * b_batch + row * stride.x + (place - row * width) * stride.y;
  }
  Tap tap = tap_of(begin);
#else
  uint from_b = batch * b_batch + (gl_WorkGroupID.x * depth + begin) * (LANES * SUBGROUP_SIZE) + lane;
#endif
  SUM sum[ROWS][kColumns];
  [[unroll]] for (uint i = 0; i < ROWS; ++i) [[unroll]] for (uint j = 0; j < kColumns; ++j) sum[i][j] = SUM(0);

  for (uint k = begin; k < end; k += STEP) {
    [[unroll]] for (uint s = 0; s < STEP; ++s) {
      SUM_WORD left[ROWS / kGroup];
      SUM right[kColumns];
      [[unroll]] for (uint g = 0; g < ROWS / kGroup; ++g) left[g] = UNPACK(a.at[from_a + g * SUBGROUP_SIZE]);
#ifdef DIRECT
      const uint element = element_of(tap);
      go_on(tap);
      [[unroll]] for (uint j = 0; j < kColumns; ++j) right[j] = source.at[places[j] + element];
#else
      [[unroll]] for (uint j = 0; j < LANES; ++j) {
        const SUM_WORD word = UNPACK(b.at[from_b + j * SUBGROUP_SIZE]);
        [[unroll]] for (uint w = 0; w < WIDTH; ++w) right[j * WIDTH + w] = PART(word, w);
      }
#endif
      [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        const SUM one = HANDED(PART(left[i / kGroup], i % WIDTH), i % kGroup / WIDTH);
        [[unroll]] for (uint j = 0; j < kColumns; ++j) sum[i][j] += one * right[j];
      }
      from_a += ROWS / WIDTH;
#ifndef DIRECT
      from_b += LANES * SUBGROUP_SIZE;
#endif
    }
  }

  BEGIN_ENDING
  const uint top = gl_WorkGroupID.y * ROWS;
  const uint to = batch * batch_stride + split * split_stride;
  // Stores are many instructions each on CPU drivers: the loop is one, over sums that wait in an array.
  SUM waiting[ROWS * kColumns];
  [[unroll]] for (uint i = 0; i < ROWS; ++i)
    [[unroll]] for (uint j = 0; j < kColumns; ++j) waiting[i * kColumns + j] = sum[i][j];
  const uint last = min(ROWS, rows - top);
#define STORE(times, ENDING)                                                                          \
  [[dont_unroll]] for (uint once = 0; once < times; ++once)                                           \
    [[dont_unroll]] for (uint i = 0; i < last; ++i) {                                                 \
      BEGIN_ROW(top + i)                                                                              \
      [[dont_unroll]] for (uint j = 0; j < kColumns; ++j) {                                           \
        const uint column = COLUMN(j);                                                                \
        if (column < columns)                                                                         \
          product.at[to + (top + i) * row_stride + column * column_stride] =                          \
              ENDING(waiting[i * kColumns + j], top + i, column);                                     \
      }                                                                                               \
    }
  FOR_EACH_ENDING(STORE)
}
