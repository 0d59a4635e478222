// Elementary functions of our own, so that every device has the same ones: vf_exp(x) and the like, for float, and for double
// under USES_FLOAT64. The text is GLSL 450 and C++20 alike (forge/array/fuse/glsl_host.hpp), and gives the same bits on each
// device that rounds + - * / and sqrt as IEEE 754 says. docs/accuracy.md has the largest errors; special values are those of
// the Python array API standard. A kernel defines USES_<name> for each function that it calls, or the family's macro below;
// vf_reciprocal and vf_copysign are always there.
// vf_select, vf_or and vf_and take both sides of a choice as values: ?:, || and && of anything but names become branches, which
// CPU drivers run anyway, and SwiftShader takes minutes for when loops with several are unrolled.
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

bool vf_or(bool a, bool b) { return a || b; }
bool vf_and(bool a, bool b) { return a && b; }
uint vf_select(bool condition, uint a, uint b) { return condition ? a : b; }
float vf_select(bool condition, float a, float b) { return condition ? a : b; }

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
