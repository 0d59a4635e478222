// forge: template radix=4 first=4 second=1 float64=0,1 packed=0 load=complex,real,pairs,hermitian store=complex,real,pairs
// One pass of a Stockham transform along one axis: each thread transforms RADIX values, which it holds in registers.
// The array is (batch, length, inner); passes before this one have transformed `span / inner` neighbours each.
#version 450
#include "types.glsl"
#include "complex.glsl"
#include "divide.glsl"

// RADIX = FIRST * SECOND. ROOTS: exp(-2 pi i k / RADIX), written out by the host.
// LOAD: complex values; GUARDED: as many as there are, then zeros. real, pairs, hermitian: see fetch().
// STORE: complex; CROPPED: only the first. real parts; pairs of reals.
// MULTIPLY_IN, MULTIPLY_OUT: by a table along the axis (Bluestein's chirps).
#ifndef ROOTS
#define ROOTS COMPLEX(1, 0), COMPLEX(0, -1), COMPLEX(-1, 0), COMPLEX(0, 1)
#endif
#if defined(LOAD_REAL) || defined(LOAD_PAIRS)
#define LOADED REAL
#define LOADED_ALIGN 4
#else
#define LOADED MEMORY
#define LOADED_ALIGN 8
#endif
#if defined(STORE_REAL) || defined(STORE_PAIRS)
#define STORED REAL
#else
#define STORED MEMORY
#endif

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
const COMPLEX kRoots[RADIX] = COMPLEX[RADIX](ROOTS);

#define NAME first_leaf
#define SIZE FIRST
#define ROOT(k) kRoots[(k) * SECOND]
#include "leaf.glsl"
#undef NAME
#undef SIZE
#undef ROOT
#define NAME second_leaf
#define SIZE SECOND
#define ROOT(k) kRoots[(k) * FIRST]
#include "leaf.glsl"

// The value `at` of a batch (an index times inner, plus column), which is value `index` along the axis.
COMPLEX fetch(uint base, uint at, uint index, uint column) {
#if defined(LOAD_REAL)
  return COMPLEX(at < in_count ? source.at[base + at] : REAL(0), 0);
#elif defined(LOAD_PAIRS)  // two neighbours along the axis make one value
  uint real = 2 * at - column, imaginary = real + inner;
  return COMPLEX(real < in_count ? source.at[base + real] : REAL(0),
                 imaginary < in_count ? source.at[base + imaginary] : REAL(0));
#elif defined(LOAD_HERMITIAN)  // the second half of a spectrum follows from the first
  bool mirrored = 2 * index > length;
  uint from = mirrored ? (length - index) * inner + column : at;
  COMPLEX value = from < in_count ? unpacked(source.at[base + from]) : COMPLEX(0);
  if (index == 0) value.y = REAL(0);
  return conjugate_if(mirrored, value);
#elif defined(GUARDED)
  return at < in_count ? unpacked(source.at[base + at]) : COMPLEX(0);
#else
  return unpacked(source.at[base + at]);
#endif
}

void put(uint base, uint at, uint column, COMPLEX value) {
#if defined(STORE_REAL)
  target.at[base + at] = value.x;
#elif defined(STORE_PAIRS)
  target.at[base + 2 * at - column] = value.x;
  target.at[base + 2 * at - column + inner] = value.y;
#elif defined(CROPPED)
  if (at < out_count) target.at[base + at] = packed(value);
#else
  target.at[base + at] = packed(value);
#endif
}

// CPU drivers only: the lanes of a subgroup read 64 neighbouring bytes of lines that are not neighbours, which no hardware
// foresees. One load of each line that the next subgroups need, all lines in order, brings them near (a third less time).
#if PACKED && !defined(GUARDED) && !defined(LOAD_REAL) && !defined(LOAD_PAIRS) && !defined(LOAD_HERMITIAN)
#define AHEAD 64
uint read_ahead(uint t) {
  const uint kLine = 8;  // values in a cache line, and lanes that share the work
  uint lane = gl_LocalInvocationID.x % kLine, first = (t + AHEAD - lane) * RADIX + lane * kLine, sum = 0;
  if (inner == 1 && rows <= 4096 / RADIX && first / RADIX + kLine < threads)
    [[unroll]] for (uint i = 0; i < RADIX / kLine; ++i) sum |= uint(source.at[first + i * kLine * kLine]);
  return sum;
}
#endif

void main() {
  uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (t >= threads) return;
  uint batch = divide(t, by_rows), row = t - batch * rows;
  uint index = divide(row, by_inner), column = row - index * inner;
  uint apart = divide(rows, by_inner);
#ifdef AHEAD
  uint ahead = read_ahead(t);
#endif
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

  [[unroll]] for (uint i = 0; i < SECOND; ++i) first_leaf(i, SECOND);
#if SECOND > 1
  [[unroll]] for (uint j = 1; j < FIRST; ++j)
    [[unroll]] for (uint i = 1; i < SECOND; ++i) x[j * SECOND + i] = times(x[j * SECOND + i], kRoots[i * j]);
  [[unroll]] for (uint j = 0; j < FIRST; ++j) second_leaf(j * SECOND, 1);
#endif

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
#ifdef AHEAD
  if (threads == 0) put(0, 0, 0, COMPLEX(REAL(ahead), 0));  // never: it keeps the loads from being left out
#endif
}
