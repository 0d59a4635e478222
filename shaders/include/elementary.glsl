// Elementary functions of our own, so that every device has the same ones: vf_exp(x) and the like, for float, and for double
// under USES_FLOAT64. The text is GLSL 450 and C++20 alike (forge/array/fuse/glsl_host.hpp), and gives the same bits on each
// device that rounds + - * / and sqrt as IEEE 754 says. docs/accuracy.md has the largest errors; special values are those of
// the Python array API standard. A kernel defines USES_<name> for each function that it calls, or the family's macro below;
// vf_reciprocal and vf_copysign are always there.
// Everything is `precise`: no driver may regroup it, or fuse a product with a sum. Polynomials are minimax fits by Remez'
// exchange, their coefficients rounded one at a time and the rest fitted again.
#ifndef FORGE_ELEMENTARY_GLSL
#define FORGE_ELEMENTARY_GLSL
#include "elementwise.glsl"

#if defined(USES_exp) || defined(USES_exp2) || defined(USES_expm1)
#define USES_EXP
#endif
#if defined(USES_log) || defined(USES_log2) || defined(USES_log10) || defined(USES_log1p)
#define USES_LOG
#endif
#if defined(USES_sin) || defined(USES_cos) || defined(USES_tan)
#define USES_TRIG
#endif
#if defined(USES_asin) || defined(USES_acos) || defined(USES_atan) || defined(USES_atan2)
#define USES_ARC
#endif
#if defined(USES_sinh) || defined(USES_cosh) || defined(USES_tanh)
#define USES_HYPERBOLIC
#endif
#if defined(USES_asinh) || defined(USES_acosh) || defined(USES_atanh)
#define USES_AREA
#endif
#if defined(USES_pow)
#define USES_POW
#endif
#if defined(USES_logaddexp)
#define USES_LOGADDEXP
#endif
#if defined(USES_cbrt) || defined(USES_hypot)
#define USES_ROOTS
#endif
#if defined(USES_floor_divide) || defined(USES_remainder)
#define USES_DIVISION
#endif
#if defined(USES_nextafter)
#define USES_NEXTAFTER
#endif

// What those of complex numbers call of the others: where there are none, kernels are spared it.
#ifdef USES_COMPLEX
#if defined(USES_exp) || defined(USES_expm1) || defined(USES_pow)
#define USES_COMPLEX_EXP
#endif
#if defined(USES_log) || defined(USES_log2) || defined(USES_log10) || defined(USES_log1p) || defined(USES_pow)
#define USES_COMPLEX_LOG
#endif
#if defined(USES_sin) || defined(USES_cos) || defined(USES_tan) || defined(USES_HYPERBOLIC)
#define USES_COMPLEX_WAVES
#endif
#if defined(USES_asin) || defined(USES_acos) || defined(USES_asinh) || defined(USES_acosh)
#define USES_COMPLEX_ARC
#endif
#if defined(USES_atan) || defined(USES_atanh)
#define USES_COMPLEX_ATAN
#endif
#if defined(USES_sqrt) || defined(USES_COMPLEX_ARC)
#define USES_COMPLEX_ROOT
#endif
#if defined(USES_COMPLEX_EXP) || defined(USES_COMPLEX_WAVES)
#define USES_EXP
#define USES_TRIG
#endif
#ifdef USES_COMPLEX_WAVES
#define USES_HYPERBOLIC
#endif
#if defined(USES_COMPLEX_LOG) || defined(USES_COMPLEX_ATAN)
#define USES_LOG
#define USES_ARC
#endif
#ifdef USES_COMPLEX_ARC
#define USES_ARC
#define USES_AREA
#endif
#endif

#if defined(USES_HYPERBOLIC) || defined(USES_LOGADDEXP)
#define USES_EXP
#endif
#if defined(USES_AREA) || defined(USES_LOGADDEXP)
#define USES_LOG
#endif
#if defined(USES_EXP) || defined(USES_POW)
#define USES_EXP_TAIL
#endif
#if defined(USES_LOG) || defined(USES_POW)
#define USES_LOG_SPLIT
#endif

#ifdef USES_TRIG
uint vf_joined(uint first, uint second, uint shift) { return first << shift | second >> 1 >> (31u - shift); }

uvec2 vf_wide_product(uint a, uint b) {  // low word, high word
  uint high, low;
  umulExtended(a, b, high, low);
  return uvec2(low, high);
}
#endif

#include "elementary_float.glsl"
#ifdef USES_FLOAT64
#include "elementary_double.glsl"
#endif
#endif
