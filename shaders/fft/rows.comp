// forge: template float64=0,1 packed=0 load=complex,real,hermitian store=complex,real
// Whole transforms of contiguous rows: a workgroup takes GROUP of them through shared memory, in one to three steps.
// LENGTH = RADIX_0 * RADIX_1 * RADIX_2, each FIRST_i * SECOND_i with ROOTS_i as in butterfly.glsl; one of 1 is no step.
// MULTIPLY_IN, MULTIPLY_OUT: by a table along the row (Bluestein's chirps).
#version 450
#ifndef LENGTH
#define LENGTH 8
#define GROUP 4
#define THREADS 8
#define RADIX_0 4
#define FIRST_0 4
#define SECOND_0 1
#define ROOTS_0 COMPLEX(1, 0), COMPLEX(0, -1), COMPLEX(-1, 0), COMPLEX(0, 1)
#define RADIX_1 2
#define FIRST_1 2
#define SECOND_1 1
#define ROOTS_1 COMPLEX(1, 0), COMPLEX(-1, 0)
#define RADIX_2 1
#define MOST_RADIX 4
#endif
#include "fft_types.glsl"
#include "grid.glsl"

layout(local_size_x = THREADS) in;

layout(buffer_reference, scalar, buffer_reference_align = LOADED_ALIGN) readonly buffer Source { LOADED at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) writeonly buffer Target { STORED at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Table { MEMORY at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;
  Target target;
  Table twiddles_0;    // (powers of two below RADIX_0, LENGTH / RADIX_0)
  Table twiddles_1;    // (powers of two below RADIX_1, RADIX_2)
  Table in_factors;    // (LENGTH)
  Table out_factors;   // (LENGTH)
  uint rows;
  uint in_pitch;       // elements of source from row to row
  uint in_count;       // of them there
  uint out_pitch;
  uint out_count;      // values of a row that are stored, where not all are
  uint length;         // of what is transformed: LENGTH, or what a chirp pads
  uvec2 scale;         // of a REAL, its bits
  uint conjugations;   // 1: what is loaded; 2: what is stored; 4: the factors of what is stored
};
const uint inner = 1;

#include "fft_edges.glsl"

#if RADIX_1 > 1
#if PACKED  // a CPU driver
shared MEMORY kept[GROUP * LENGTH];
uint cell(uint i) { return i; }
#else
shared MEMORY kept[GROUP * LENGTH * 17 / 16 + 1];
uint cell(uint i) { return i + i / 16; }  // neighbours of a strided walk lie in different banks
#endif
#endif

void put_last(uint row, uint at, COMPLEX value) {
  value = conjugate_if((conjugations & 2u) != 0u, value * REAL_OF(scale));
#ifdef MULTIPLY_OUT
  if (at >= out_count) return;
  value = times(value, conjugate_if((conjugations & 4u) != 0u, unpacked(out_factors.at[at])));
#endif
  put(row * out_pitch, at, 0, value);
}

COMPLEX x[MOST_RADIX];

#define STEP step_0
#define DONE 1
#define RADIX RADIX_0
#define FIRST FIRST_0
#define SECOND SECOND_0
#define ROOTS ROOTS_0
#define TWIDDLES twiddles_0
#define TRANSFORM transform_0
#define FIRST_LEAF first_leaf_0
#define SECOND_LEAF second_leaf_0
#define KEPT_ROOTS kRoots0
#include "fft_row_step.glsl"
#if RADIX_1 > 1
#define STEP step_1
#define DONE RADIX_0
#define RADIX RADIX_1
#define FIRST FIRST_1
#define SECOND SECOND_1
#define ROOTS ROOTS_1
#define TWIDDLES twiddles_1
#define TRANSFORM transform_1
#define FIRST_LEAF first_leaf_1
#define SECOND_LEAF second_leaf_1
#define KEPT_ROOTS kRoots1
#include "fft_row_step.glsl"
#endif
#if RADIX_2 > 1
#define STEP step_2
#define DONE (RADIX_0 * RADIX_1)
#define RADIX RADIX_2
#define FIRST FIRST_2
#define SECOND SECOND_2
#define ROOTS ROOTS_2
#define TWIDDLES twiddles_1
#define TRANSFORM transform_2
#define FIRST_LEAF first_leaf_2
#define SECOND_LEAF second_leaf_2
#define KEPT_ROOTS kRoots2
#include "fft_row_step.glsl"
#endif

// step_0 reads with gaps, which no hardware foresees; reading a value of each cache line first, in order, brings them near. A
// quarter less time on a CPU driver; GPUs have other threads to run.
#if PACKED
uint touch(uint first, uint here) {
  const uint kLine = 8;  // values, at most
  uint sum = 0, end = (first + here) * in_pitch;
  for (uint at = first * in_pitch + gl_LocalInvocationIndex * kLine; at < end; at += gl_WorkGroupSize.x * kLine)
    sum |= uint(source.at[at]);
  return sum;
}
#endif

void main() {
  uint first = group_index() * GROUP;
  if (first >= rows) return;
  uint here = min(GROUP, rows - first);
#if PACKED
  if (touch(first, here) == 1 && conjugations == 8) return;  // never: or the loads would be left out
#endif
  step_0(first, here);
#if RADIX_1 > 1
  barrier();
  step_1(first, here);
#endif
#if RADIX_2 > 1
  barrier();
  step_2(first, here);
#endif
}
