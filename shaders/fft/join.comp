// forge: template float64=0,1 packed=0
// From the spectrum of reals, length / 2 + 1 values, to the transform of their pairs, length / 2 values, times two.
#version 450
#include "types.glsl"
#include "complex.glsl"
#include "divide.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Source { MEMORY at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) writeonly buffer Target { MEMORY at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Roots { MEMORY at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;  // (batch, any, inner): zeros follow what is there
  Target target;  // (batch, half, inner)
  Roots roots;    // exp(-2 pi i k / length), k <= half / 2
  uint threads;   // batch * rows
  uint rows;      // (half / 2 + 1) * inner: each thread makes a value of both ends
  uint half_length;
  uint inner;
  uvec3 by_rows, by_inner;
  uint in_pitch;  // elements of source from batch to batch
  uint in_count;  // of them there
};

COMPLEX fetch(uint batch, uint at) { return at < in_count ? unpacked(source.at[batch * in_pitch + at]) : COMPLEX(0); }

void main() {
  uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (t >= threads) return;
  uint batch = divide(t, by_rows), row = t - batch * rows;
  uint k = divide(row, by_inner), column = row - k * inner;
  uint mirror = (half_length - k) * inner + column, to = batch * half_length * inner;
  COMPLEX low = fetch(batch, row), high = conjugate(fetch(batch, mirror));
  if (k == 0) {  // both are real in the spectrum of reals
    low.y = REAL(0);
    high.y = REAL(0);
  }
  COMPLEX even = low + high, odd = times(conjugate(unpacked(roots.at[k])), times_i(low - high));
  target.at[to + row] = packed(even + odd);
  if (k != 0) target.at[to + mirror] = packed(conjugate(even - odd));
}
