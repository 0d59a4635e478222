// forge: template
// Adds the partial products of a split sum and finishes them.
#version 450
#include "types.glsl"
#include "gemm.glsl"
#include "grid.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Partial { SUM at[]; };
layout(buffer_reference, scalar) readonly buffer Bias { SUM at[]; };
layout(buffer_reference, scalar) writeonly buffer Product { OUT at[]; };

layout(push_constant, scalar) uniform Push {
  Partial partial;       // (splits, batches, rows, columns)
  Product product;
  Bias bias;
  uint splits;
  uint rows;
  uint columns;
  uint count;            // batches * rows * columns
  uint row_stride;       // elements of the product
  uint column_stride;
  uint batch_stride;
};

void main() {
  uint i = group_index() * 64 + gl_LocalInvocationID.x;
  if (i >= count) return;
  SUM sum = SUM(0);
  for (uint s = 0; s < splits; ++s) sum += partial.at[s * count + i];
  BEGIN_ENDING
  uint column = i % columns, row = i / columns % rows, batch = i / columns / rows;
  product.at[batch * batch_stride + row * row_stride + column * column_stride] = FINISHED(sum, row, column);
}
