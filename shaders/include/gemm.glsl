// Panels: the operands of a matrix product as the tile kernels read them. Panel t of an operand holds T of its rows (or
// columns) for every k: element (k, r) at (t * K + k) * T + r, zeros beyond the edges, converted to what is summed in.
//   SUM    what is summed in: float, double, int, ...      WORD   what one load brings: WIDTH values of SUM
//   OUT    what is stored                                  FROM_BITS(BITS(word)) is a SUM_WORD: a vector of SUM
#ifdef EPILOGUE
#extension GL_EXT_buffer_reference_uvec2 : require
#endif
#ifndef SUM
#define SUM float
#define SUM_WORD vec2
#define WORD uvec2
#define WIDTH 2
#define BITS uvec2
#define FROM_BITS uintBitsToFloat
#define OUT float
#endif
#define UNPACK(word) FROM_BITS(BITS(word))

// What happens to a finished sum on its way out; `row` and `column` are those of the product.
#ifndef BIAS
#define BIAS 0  // 1: bias of each row, 2: of each column
#endif
#if BIAS == 1
#define BIASED(x, row, column) ((x) + SUM(bias.at[row]))
#elif BIAS == 2
#define BIASED(x, row, column) ((x) + SUM(bias.at[column]))
#else
#define BIASED(x, row, column) (x)
#endif
// An expression that goes on from the product: the standard one, or a function `epilogue` that is generated
// (array/fuse/epilogue_text.cpp). What it reads is found by words that the bias's address leads to: BEGIN_ENDING reads those once,
// before the first FINISHED. Kernels that finish many sums have a loop for each kind of ending: FOR_EACH_ENDING(STORE) is
// STORE(times, FINISHED) with one of them to be done once, behind a BEGIN_ROW for each row.
#ifdef STANDARD
#include "standard_ending.glsl"
#define BEGIN_ENDING Ending ending = ending_of(EndingWords(uvec2(bias)));
#ifdef TURNED  // the product is worked out with its rows as columns
#define ENDED(x, row, column) standard_ending(x, ending_row(column, ending), column, row, ending)
#else
#define ENDED(x, row, column) standard_ending(x, ending_row(row, ending), row, column, ending)
#define BEGIN_ROW(row) const vec2 row_values = ending_row(row, ending);
#define PLAIN(sum, row, column) OUT(simple_ending((sum) * row_values.x + row_values.y, ending))
#define SUMMED(sum, row, column) \
  OUT(simple_ending((sum) * row_values.x + row_values.y + ending_value(ending.first, row, column), ending))
#define OTHER(sum, row, column) OUT(standard_ending(sum, row_values, row, column, ending))
#define FOR_EACH_ENDING(STORE) STORE(ending.is_plain, PLAIN) STORE(ending.is_summed, SUMMED) STORE(ending.is_other, OTHER)
#endif
#elif defined(EPILOGUE)
#include "elementwise.glsl"
#include "elementary.glsl"
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer EpilogueWords { uint at[]; };
EPILOGUE
#define BEGIN_ENDING Ending ending = ending_of(EpilogueWords(uvec2(bias)));
#ifdef TURNED
#define ENDED(x, row, column) epilogue(x, column, row, ending)
#else
#define ENDED(x, row, column) epilogue(x, row, column, ending)
#endif
#else
#define BEGIN_ENDING
#define ENDED(x, row, column) (x)
#endif
#define FINISHED(x, row, column) OUT(ENDED(BIASED(x, row, column), row, column))
#ifndef BEGIN_ROW
#define BEGIN_ROW(row)
#define FOR_EACH_ENDING(STORE) STORE(1, FINISHED)
#endif

#if WIDTH == 1
#define PART(word, i) word
#else
#define PART(word, i) word[i]
#endif
