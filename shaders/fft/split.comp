// forge: template float64=0,1 packed=0
// From the transform of pairs of reals, length / 2 values, to the spectrum of the reals, length / 2 + 1 values.
#version 450
#include "types.glsl"
#include "complex.glsl"
#include "divide.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Source { MEMORY at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) writeonly buffer Target { MEMORY at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Roots { MEMORY at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;  // (batch, half, inner)
  Target target;  // (batch, half + 1, inner)
  Roots roots;    // exp(-2 pi i k / length), k <= half / 2
  uint threads;   // batch * rows
  uint rows;      // (half / 2 + 1) * inner: each thread makes a value of both ends
  uint half_length;
  uint inner;
  uvec3 by_rows, by_inner;
};

void main() {
  uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (t >= threads) return;
  uint batch = divide(t, by_rows), row = t - batch * rows;
  uint k = divide(row, by_inner), column = row - k * inner;
  uint from = batch * half_length * inner, to = batch * (half_length + 1) * inner;
  COMPLEX low = unpacked(source.at[from + row]);
  COMPLEX high = conjugate(unpacked(source.at[from + (k == 0 ? 0 : half_length - k) * inner + column]));
  COMPLEX even = (low + high) * REAL(0.5);
  COMPLEX odd = times(unpacked(roots.at[k]), times_i(high - low)) * REAL(0.5);
  target.at[to + row] = packed(even + odd);
  target.at[to + (half_length - k) * inner + column] = packed(conjugate(even - odd));
}
