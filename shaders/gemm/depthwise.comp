// forge: template
// A convolution whose groups have one channel each: an invocation sums ROWS places of one filter, one below the other, so that
// what it reads serves several of them.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require
#include "gemm.glsl"
#include "grid.glsl"
#include "divide.glsl"

#ifndef ROWS
#define ROWS 4
#define KERNEL_X 3  // extents of the kernel, along rows and across them
#define KERNEL_Y 3
#define STRIDE_Y 1
#define DILATION_Y 1
#endif
#define READ_ROWS ((ROWS - 1) * STRIDE_Y + (KERNEL_Y - 1) * DILATION_Y + 1)

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Source { SUM at[]; };
layout(buffer_reference, scalar) readonly buffer Weights { SUM at[]; };
layout(buffer_reference, scalar) readonly buffer Bias { SUM at[]; };
layout(buffer_reference, scalar) writeonly buffer Product { OUT at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;    // (planes, inner)
  Weights weights;  // (filters, KERNEL_Y, KERNEL_X)
  Product product;  // (planes of filters, outer)
  Bias bias;
  uint count;       // planes * blocks of rows * columns
  uint filters;
  uvec3 by_columns; // divide()
  uvec3 by_blocks;
  uvec3 by_filters;
  uvec3 by_each;    // filters of a channel
  uvec2 inner;      // (rows, columns)
  uvec2 outer;
  uint stride_x;
  uint dilation_x;
  ivec2 before;     // padding
};

void main() {
  BEGIN_ENDING  // before lanes leave: with all of them CPU drivers load a word once
  const uint id = group_index() * 64 + gl_LocalInvocationID.x;
  if (id >= count) return;
  const uint rest = divide(id, by_columns), column = id - rest * outer.y;
  const uint blocks = (outer.x + ROWS - 1) / ROWS, plane = divide(rest, by_blocks), top = (rest - plane * blocks) * ROWS;
  const uint filter_number = plane - divide(plane, by_filters) * filters;
  const uint from = divide(plane, by_each) * inner.x * inner.y, weights_first = filter_number * (KERNEL_X * KERNEL_Y);

  SUM w[KERNEL_Y * KERNEL_X];
  [[unroll]] for (uint i = 0; i < KERNEL_Y * KERNEL_X; ++i) w[i] = weights.at[weights_first + i];
  SUM sum[ROWS];
  [[unroll]] for (uint r = 0; r < ROWS; ++r) sum[r] = SUM(0);

  const int first_row = int(top * STRIDE_Y) - before.x, first_column = int(column * stride_x) - before.y;
  [[unroll]] for (uint y = 0; y < READ_ROWS; ++y) {
    const int row = first_row + int(y);
    const bool row_inside = row >= 0 && row < int(inner.x);
    const uint row_start = from + uint(clamp(row, 0, int(inner.x) - 1)) * inner.y;
    [[unroll]] for (uint x = 0; x < KERNEL_X; ++x) {
      const int at = first_column + int(x * dilation_x);
      const SUM read = source.at[row_start + uint(clamp(at, 0, int(inner.y) - 1))];
      const SUM value = row_inside && at >= 0 && at < int(inner.y) ? read : SUM(0);
      [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const int tap = int(y) - int(r * STRIDE_Y);
        if (tap >= 0 && tap % DILATION_Y == 0 && tap / DILATION_Y < KERNEL_Y)
          sum[r] += value * w[(tap / DILATION_Y) * KERNEL_X + x];
      }
    }
  }
  const uint to = plane * outer.x * outer.y;
  BEGIN_ROW(filter_number)
#define STORE(times, ENDING)                                                                      \
  [[dont_unroll]] for (uint once = 0; once < times; ++once)                                       \
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {                                                  \
      const uint place = (top + r) * outer.y + column;                                            \
      if (top + r < outer.x) product.at[to + place] = ENDING(sum[r], filter_number, place);       \
    }
  FOR_EACH_ENDING(STORE)
}
