// The operations of reductions and scans over ACC. The host defines OP_SUM, OP_PROD, OP_MIN, OP_MAX, OP_ANY or OP_ALL and
// IDENTITY; FLOATING where ACC has NaN, COMPLEX, or PAIR for 64-bit integers as two words; INDEXED for argmin and argmax.
#ifndef FORGE_COMBINE_GLSL
#define FORGE_COMBINE_GLSL
#include "elements.glsl"
#include "lanes.glsl"

#ifndef IDENTITY
#define IDENTITY 0.0
#define OP_SUM
#endif

#ifdef INDEXED
#ifdef FLOATING
#define IS_NAN(x) isnan(x)
#else
#define IS_NAN(x) false
#endif
struct Best {
  ACC value;
  uint index;
};
#define STATE Best

Best lane_shuffle(Best x, uint from) { return Best(lane_shuffle(x.value, from), lane_shuffle(x.index, from)); }

// NaN is best of all, as in NumPy; among equals the first.
Best combine(Best a, Best b) {
#ifdef OP_MIN
  bool better = b.value < a.value;
#else
  bool better = b.value > a.value;
#endif
  bool equal = b.value == a.value;
  bool nan_a = IS_NAN(a.value), nan_b = IS_NAN(b.value);
  if (nan_a || nan_b) {
    better = !nan_a;
    equal = nan_a && nan_b;
  }
  return better || (equal && b.index < a.index) ? b : a;
}
Best identity() { return Best(IDENTITY, 0xFFFFFFFFu); }
#else
#define STATE ACC
ACC identity() { return IDENTITY; }

ACC combine(ACC a, ACC b) {
#if defined(OP_SUM) && defined(PAIR)
  uint carry;
  uint low = uaddCarry(a.x, b.x, carry);
  return uvec2(low, a.y + b.y + carry);
#elif defined(OP_SUM)
  return a + b;
#elif defined(OP_PROD) && defined(PAIR)
  uint high, low;
  umulExtended(a.x, b.x, high, low);
  return uvec2(low, high + a.x * b.y + a.y * b.x);
#elif defined(OP_PROD) && defined(COMPLEX)
  return ACC(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
#elif defined(OP_PROD)
  return a * b;
#elif defined(OP_MIN) && defined(FLOATING)
  return b < a || isnan(b) ? b : a;
#elif defined(OP_MIN)
  return min(a, b);
#elif defined(OP_MAX) && defined(FLOATING)
  return b > a || isnan(b) ? b : a;
#elif defined(OP_MAX)
  return max(a, b);
#elif defined(OP_ANY)
  return a | b;
#elif defined(OP_ALL)
  return a & b;
#endif
}
#endif
#endif
