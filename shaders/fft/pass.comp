// forge: template radix=4 first=4 second=1 float64=0,1 packed=0 load=complex,real,pairs,hermitian store=complex,real,pairs
// One pass of a Stockham transform along one axis: each thread transforms RADIX values, which it holds in registers.
// The array is (batch, length, inner); passes before this one have transformed `span / inner` neighbours each.
// RADIX = FIRST * SECOND. ROOTS: exp(-2 pi i k / RADIX), written out by the host.
// LOAD: complex values; GUARDED: as many as there are, then zeros. real, pairs, hermitian: see fft_edges.glsl.
// STORE: complex; CROPPED: only the first. real parts; pairs of reals.
// MULTIPLY_IN, MULTIPLY_OUT: by a table along the axis (Bluestein's chirps).
#version 450
#ifndef ROOTS
#define ROOTS COMPLEX(1, 0), COMPLEX(0, -1), COMPLEX(-1, 0), COMPLEX(0, 1)
#endif
#include "fft_types.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = LOADED_ALIGN) readonly buffer Source { LOADED at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) writeonly buffer Target { STORED at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Table { MEMORY at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;
  Target target;
  Table twiddles;        // (powers of two below RADIX, span / inner)
  Table in_factors;      // (length)
  Table out_factors;     // (length)
  uint threads;          // batch * rows
  uint rows;             // length / RADIX * inner
  uint span;             // neighbours in a transform so far, times inner
  uint inner;
  uvec3 by_rows, by_span, by_inner;  // for divide()
  uint in_pitch;         // elements of source from batch to batch
  uint in_count;         // of them there
  uint out_pitch;
  uint out_count;        // values of a batch that are stored, where not all are
  uint length;
  uvec2 scale;           // of a REAL, its bits
  uint conjugations;     // 1: what is loaded; 2: what is stored; 4: the factors of what is stored
};

COMPLEX x[RADIX];
#define TRANSFORM transform
#define FIRST_LEAF first_leaf
#define SECOND_LEAF second_leaf
#define KEPT_ROOTS kRoots
#include "butterfly.glsl"

#include "fft_edges.glsl"

void main() {
  uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (t >= threads) return;
  uint batch = divide(t, by_rows), row = t - batch * rows;
  uint index = divide(row, by_inner), column = row - index * inner;
  uint apart = divide(rows, by_inner);
  [[unroll]] for (uint r = 0; r < RADIX; ++r) {
    COMPLEX value = fetch(batch * in_pitch, row + r * rows, index + r * apart, column);
    value = conjugate_if((conjugations & 1u) != 0u, value);
#ifdef MULTIPLY_IN
    value = times(value, unpacked(in_factors.at[index + r * apart]));
#endif
    x[r] = value;
  }

  uint group = divide(row, by_span), place = row - group * span;
  if (span > inner) {  // the powers w^1, w^2, w^4, ... are read, the others are products of two
    uint neighbours = divide(span, by_inner), k = divide(place, by_inner);
    COMPLEX w[RADIX];
    [[unroll]] for (uint r = 1; r < RADIX; ++r) {
      uint high = uint(findMSB(r)), rest = r - (1u << high);
      w[r] = unpacked(twiddles.at[high * neighbours + k]);
      if (rest != 0) w[r] = times(w[1u << high], w[rest]);
      x[r] = times(x[r], w[r]);
    }
  }

  transform();

  uint to = group * span * RADIX + place;
#ifdef MULTIPLY_OUT
  uint start = divide(to, by_inner), step = divide(span, by_inner);
#endif
  [[unroll]] for (uint j = 0; j < FIRST; ++j) {
    [[unroll]] for (uint i = 0; i < SECOND; ++i) {
      uint r = j + FIRST * i;
      COMPLEX value = x[j * SECOND + i] * REAL_OF(scale);
#ifdef MULTIPLY_OUT
      bool inside = to + r * span < out_count;
      uint factor = inside ? start + r * step : 0;  // the table ends with the transform
      value = conjugate_if((conjugations & 2u) != 0u, value);
      value = times(value, conjugate_if((conjugations & 4u) != 0u, unpacked(out_factors.at[factor])));
      if (inside) put(batch * out_pitch, to + r * span, column, value);
#else
      put(batch * out_pitch, to + r * span, column, conjugate_if((conjugations & 2u) != 0u, value));
#endif
    }
  }
}
