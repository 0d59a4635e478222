// Elements of any dtype, one by one or as many as fill 16 bytes. The host (forge/array/ops/elements.cpp) defines
//   IN, OUT      types in memory
//   WIDE_IN      the type of at least 32 bits that holds an IN
//   IN_KIND      how 16 bytes come apart, one of the numbers below
//   ACC          the type that is computed with
//   FROM_...     how an IN becomes an ACC where it is not plainly converted
//   WIDE         WORD is 16 bytes and holds PER elements; else a WORD is an element
//   LONG_WORDS   such a WORD lies in memory as STORED, two integers: `taken` makes a WORD of it, and `given` the other way
//   IN_STATE     WORD is the STATE of combine.glsl: what an earlier pass left
#ifndef FORGE_ELEMENTS_GLSL
#define FORGE_ELEMENTS_GLSL
#include "types.glsl"

#define KIND_word 0
#define KIND_int8 1
#define KIND_uint8 2
#define KIND_int16 3
#define KIND_uint16 4
#define KIND_float16 5
#define KIND_int32 6
#define KIND_uint32 7
#define KIND_float32 8
#define KIND_int64 9
#define KIND_uint64 10
#define KIND_float64 11
#define KIND_pair 12  // a 64-bit integer as two words
#define KIND_complex64 13
#define KIND_complex128 14

#ifndef IN
#define IN float
#define WIDE_IN float
#define IN_KIND KIND_float32
#define ACC float
#define OUT float
#define FLOATING
#endif

#if defined(FROM_NONZERO_COMPLEX)
#define TO_ACC(x) ACC(any(notEqual(x, WIDE_IN(0))))
#elif defined(FROM_NONZERO)
#define TO_ACC(x) ACC((x) != WIDE_IN(0))
#elif defined(FROM_PAIR_SIGNED)  // 64-bit integers as two words
#define TO_ACC(x) uvec2(uint(x), uint(int(x) >> 31))
#elif defined(FROM_PAIR)
#define TO_ACC(x) uvec2(uint(x), 0)
#else
#define TO_ACC(x) ACC(x)
#endif

#ifdef IN_STATE
#define WORD STATE
#define PER 1
#elif !defined(WIDE)
#define WORD IN
#define PER 1
ACC element(WORD word, uint i) { return TO_ACC(WIDE_IN(word)); }
#else
#define WORD uvec4
#if IN_KIND <= KIND_uint8
#define PER 16
#elif IN_KIND <= KIND_float16
#define PER 8
#elif IN_KIND <= KIND_float32
#define PER 4
#elif IN_KIND <= KIND_complex64
#define PER 2
#else
#define PER 1
#endif

WIDE_IN unpack(uvec4 w, uint i) {
#if IN_KIND == KIND_int8
  return bitfieldExtract(int(w[i / 4]), int(i % 4 * 8), 8);
#elif IN_KIND == KIND_uint8
  return bitfieldExtract(w[i / 4], int(i % 4 * 8), 8);
#elif IN_KIND == KIND_int16
  return bitfieldExtract(int(w[i / 2]), int(i % 2 * 16), 16);
#elif IN_KIND == KIND_uint16
  return bitfieldExtract(w[i / 2], int(i % 2 * 16), 16);
#elif IN_KIND == KIND_float16
  return unpackHalf2x16(w[i / 2])[i % 2];
#elif IN_KIND == KIND_int32
  return int(w[i]);
#elif IN_KIND == KIND_uint32
  return w[i];
#elif IN_KIND == KIND_float32
  return uintBitsToFloat(w[i]);
#elif IN_KIND == KIND_int64
  return packInt2x32(ivec2(w[2 * i], w[2 * i + 1]));
#elif IN_KIND == KIND_uint64
  return packUint2x32(uvec2(w[2 * i], w[2 * i + 1]));
#elif IN_KIND == KIND_float64
  return packDouble2x32(uvec2(w[2 * i], w[2 * i + 1]));
#elif IN_KIND == KIND_pair
  return uvec2(w[2 * i], w[2 * i + 1]);
#elif IN_KIND == KIND_complex64
  return uintBitsToFloat(uvec2(w[2 * i], w[2 * i + 1]));
#elif IN_KIND == KIND_complex128
  return dvec2(packDouble2x32(w.xy), packDouble2x32(w.zw));
#endif
}
ACC element(uvec4 w, uint i) { return TO_ACC(unpack(w, i)); }
#endif

#if defined(LONG_WORDS) && !defined(IN_STATE)
#include "long_words.glsl"
#define STORED u64vec2
#else
#define STORED WORD
#define taken(w) (w)
#define given(w) (w)
#endif
#endif
