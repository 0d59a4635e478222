// A matrix read in place: in words of 8 bytes that hold VALUES elements, or (VALUES 1) one by one, whatever its strides.
#ifndef VALUES
#define VALUES 2
#define VECTORS 1
#define SOURCE float
#define SMALL 0
#endif
#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif

#if VALUES == 1
#define MATRIX SOURCE
#define MATRIX_ALIGNMENT 4
#define LOADED SUM
#if SMALL == 16  // float16
#define LOAD(i) SUM(unpackHalf2x16(matrix.at[(i) >> 1] >> (((i) & 1) * 16)).x)
#elif SMALL == 8  // int8 or uint8, as SOURCE is int or uint
#define LOAD(i) SUM(bitfieldExtract(matrix.at[(i) >> 2], int((i) & 3) * 8, 8))
#else
#define LOAD(i) SUM(matrix.at[i])
#endif
#define VALUE(x, v) x
#else
#define MATRIX WORD
#define MATRIX_ALIGNMENT 8
#define LOADED uvec2
#define LOAD(i) BITS(matrix.at[i])
#if SMALL == 16
#define VALUE(x, v) SUM(unpackHalf2x16(x[(v) / 2])[(v) % 2])
#elif SMALL == 8
#define VALUE(x, v) SUM(bitfieldExtract(SOURCE(x[(v) / 4]), int((v) % 4) * 8, 8))
#else
#define VALUE(x, v) FROM_BITS(x)[v]
#endif
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = MATRIX_ALIGNMENT) readonly buffer Matrix { MATRIX at[]; };
layout(buffer_reference, scalar) readonly buffer Vectors { SUM at[]; };
layout(buffer_reference, scalar) readonly buffer Bias { SUM at[]; };
layout(buffer_reference, scalar) writeonly buffer Product { OUT at[]; };

layout(push_constant, scalar) uniform Push {
  Matrix source;         // strides are in words, where words are read
  Vectors vectors;       // (batches, depth, VECTORS)
  Product product;
  Bias bias;
  uint first;
  uint rows;
  uint length;           // of a row, in words or elements
  uint chunk;            // of what is summed, a split
  uint splits;
  uint row_stride;       // of the matrix
  uint column_stride;
  uint batch_stride;
  uint vectors_batch;
  uint product_row;      // elements of the product
  uint product_column;
  uint product_batch;
  uint product_split;
  uint tiles;            // of rows that a group takes one after another
};

Matrix matrix = source;
