// The ending that most products of a network have (array/fuse/standard_ending.cpp), with all that varies in words, so that one
// kernel serves them: a tile kernel takes LLVM half a second to compile.
//   z = (x * scale + shift + first + second) * factor + offset     scale and shift go by rows
//   w = z * slope + start, its sigmoid where that is asked for, within [low, high]
//   y = (gated ? z * w : w) * last_factor + last_offset (+ second here, where it comes late)
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_control_flow_attributes : require
#define USES_exp 1
#include "elementwise.glsl"
#include "elementary.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer EndingWords { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer EndingValues { float at[]; };

struct EndingOperand {
  EndingValues values;
  uint first, row_stride, column_stride;
};
struct Ending {
  float factor, offset, slope, start, low, high, last_factor, last_offset;
  uint has_scale, has_shift, early_sums, late_sums, sigmoids;  // how often: loops are what CPU drivers branch by
  uint is_plain, is_summed, is_other;  // one of them is 1: no sums; `first` alone; anything else
  bool gated;
  EndingOperand scale, shift, first, second;
};

EndingOperand ending_operand(EndingWords p, uint i) {
  return EndingOperand(EndingValues(uvec2(p.at[i], p.at[i + 1])), p.at[i + 2], p.at[i + 3], p.at[i + 4]);
}
float ending_number(EndingWords p, uint i) { return uintBitsToFloat(p.at[i]); }

Ending ending_of(EndingWords p) {
  Ending e;
  e.factor = ending_number(p, 0), e.offset = ending_number(p, 1);
  e.slope = ending_number(p, 2), e.start = ending_number(p, 3);
  e.low = ending_number(p, 4), e.high = ending_number(p, 5);
  e.last_factor = ending_number(p, 6), e.last_offset = ending_number(p, 7);
  const uint marks = p.at[8];
  e.has_scale = marks & 1, e.has_shift = marks >> 1 & 1, e.early_sums = marks >> 2 & 3, e.late_sums = marks >> 4 & 1;
  e.sigmoids = marks >> 5 & 1, e.gated = (marks >> 6 & 1) != 0;
  const bool simple = e.late_sums + e.sigmoids == 0;
  e.is_plain = simple && e.early_sums == 0 ? 1 : 0, e.is_summed = simple && e.early_sums == 1 ? 1 : 0;
  e.is_other = 1 - e.is_plain - e.is_summed;
  e.scale = ending_operand(p, 9), e.shift = ending_operand(p, 14);
  e.first = ending_operand(p, 19), e.second = ending_operand(p, 24);
  return e;
}

// Scale and shift of a row.
vec2 ending_row(uint row, Ending e) {
  vec2 values = vec2(1, 0);
  [[dont_unroll]] for (uint i = 0; i < e.has_scale; ++i)
    values.x = e.scale.values.at[e.scale.first + row * e.scale.row_stride];
  [[dont_unroll]] for (uint i = 0; i < e.has_shift; ++i)
    values.y = e.shift.values.at[e.shift.first + row * e.shift.row_stride];
  return values;
}

float ending_value(EndingOperand o, uint row, uint column) {
  return o.values.at[o.first + row * o.row_stride + column * o.column_stride];
}

float bounded(float w, Ending e) {
  const bool is_number = (floatBitsToUint(w) & 0x7FFFFFFF) <= 0x7F800000;
  return is_number ? min(max(w, e.low), e.high) : w;
}
float gated_ending(float z, float w, Ending e) { return (e.gated ? z * w : w) * e.last_factor + e.last_offset; }

// Of what has been scaled and added to, without a sigmoid.
float simple_ending(float sum, Ending e) {
  const float z = sum * e.factor + e.offset;
  return gated_ending(z, bounded(z * e.slope + e.start, e), e);
}

// No loop changes an address that a variable holds: SwiftShader's compiler crashes there.
float standard_ending(float x, vec2 row_values, uint row, uint column, Ending e) {
  float z = x * row_values.x + row_values.y;
  [[dont_unroll]] for (uint i = 0; i < min(e.early_sums, 1u); ++i) z += ending_value(e.first, row, column);
  [[dont_unroll]] for (uint i = 1; i < e.early_sums; ++i) z += ending_value(e.second, row, column);
  z = z * e.factor + e.offset;
  float w = z * e.slope + e.start;
  [[dont_unroll]] for (uint i = 0; i < e.sigmoids; ++i) w = vf_reciprocal(vf_exp(0.0 - w) + 1.0);
  float y = gated_ending(z, bounded(w, e), e);
  [[dont_unroll]] for (uint i = 0; i < e.late_sums; ++i) y += ending_value(e.second, row, column);
  return y;
}
