// What differs between float and double in elementary_real.glsl: here for float.
#define REAL float
#define REAL2 vec2
#define REAL3 vec3
#define INFINITY_OF_REAL uintBitsToFloat(0x7F800000u)
#define NAN_OF_REAL uintBitsToFloat(0x7FC00000u)
#define LN2 0.693147182f
#define LN2_HIGH 0.693145752f  // 15 digits: its product with an exponent is exact
#define LN2_LOW 1.42860677e-06f
#define LOG2E 1.44269502f
#define LOG2E_UPPER 1.44287109f  // 12 digits
#define LOG2E_LOW -0.000176052854f
#define LOG10E 0.434294492f
#define LOG10E_UPPER 0.434326172f  // 12 digits
#define LOG10E_LOW -3.16899714e-05f
#define LOG10_2_HIGH 0.301025391f
#define LOG10_2_LOW 4.60503907e-06f
#define PIO2_HIGH 1.57079637f
#define PIO2_LOW -4.37113883e-08f
#define PIO4_HIGH 0.785398245f  // 22 digits: three times it is exact
#define PIO4_LOW -8.14603425e-08f
#define TAN_PIO8 0.414213568f
#define LOG2_SCALE 0.961796701f  // 2 / (3 ln 2)
#define LOG2_SCALE_LOW -7.02846181e-09f
#define EXP_LEAST -104.0f  // e^x is 0 below, infinite above
#define EXP_MOST 90.0f
#define EXP2_LEAST -151.0f
#define EXP2_MOST 129.0f
#define EXPM1_LEAST -20.0f  // e^x - 1 is -1 below
#define HUGE_POWER 1.09951163e12f  // 2^40: any number but 1 to this power is 0 or infinite
#define LARGE 1e38f  // twice this may be infinite
#define POWER_OF_TWO vf_float_power_of_two
#define TWO_TO vf_float_two_to
#define MOST_EXPONENT 127
#define ODD_LIMIT 16777216.0f  // only even numbers from here on

bool vf_is_zero(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) == 0u; }
bool vf_is_tiny(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) < 0x20000000u; }  // below 2^-63
float vf_copysign(float x, float sign) {
  return uintBitsToFloat((floatBitsToUint(x) & 0x7FFFFFFFu) | (floatBitsToUint(sign) & 0x80000000u));
}
float vf_float_power_of_two(int n) { return uintBitsToFloat(uint(n + 127) << 23); }
// The last digits of a whole number, and its power of two: those of a sum with a number so large that nothing else is left.
// CPU drivers add floats several times faster than integers.
precise uint vf_last_digits(float n) { return floatBitsToUint(n + 12582912.0f); }
precise float vf_float_two_to(float n) { return uintBitsToFloat(floatBitsToUint(n + 12583039.0f) << 23); }
float vf_upper(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xFFFFF000u); }  // its first 12 digits
float vf_even(float x) { return uintBitsToFloat(floatBitsToUint(x) & ~1u); }  // the last digit cleared
int vf_exponent(float x) { return int(floatBitsToUint(x) >> 23 & 0xFFu) - 127; }

#ifdef USES_EXP_TAIL
// e^r - 1 - r for |r| <= ln(2) / 2
precise float vf_exp_tail(float r) {
  return r * r * (0.5f + r * (0.16666536f + r * (0.0416664705f + r * (0.00836743228f + r * 0.00139345718f))));
}
#endif

#ifdef USES_LOG_SPLIT
// x = m 2^k, m between the roots of 1/2 and 2, as (m - 1, k), for positive x
precise vec2 vf_split(float x) {
  uint bits = floatBitsToUint(x);
  bool subnormal = int(bits) < 0x00800000;
  uint scaled = floatBitsToUint(float(int(bits)));  // x 2^149, without arithmetic that might take x for 0
  bits = subnormal ? scaled : bits;
  float m = uintBitsToFloat((bits & 0x007FFFFFu) | 0x3F800000u);
  bool large = m >= 1.41421354f;
  float k = float(int(bits >> 23)) - (large ? 126.0f : 127.0f) - (subnormal ? 149.0f : 0.0f);
  return vec2((large ? m * 0.5f : m) - 1.0f, k);
}
#endif

#ifdef USES_LOG
// log(1 + f) - f for f between the roots of 1/2 and 2, less 1
precise float vf_log_tail(float f) {
  float p = 0.141853228f + f * (-0.131510705f + f * (0.128583953f + f * -0.0776877925f));
  return f * f * (f * (0.333333164f + f * (-0.250008583f + f * (0.200021192f + f * (-0.166227549f + f * p)))) - 0.5f);
}
#endif

#ifdef USES_TRIG
// Payne and Hanek: digits of 2/pi that make whole turns of x are left out, the others multiplied as integers. The four words
// that hold them are chosen in two steps, since drivers copy a table that is indexed.
precise vec3 vf_reduced_far(float x) {
  uint bits = floatBitsToUint(x), mantissa = (bits & 0x007FFFFFu) | 0x00800000u, at = (bits >> 23) - 130u, shift = at & 31u;
  bool two = (at & 64u) != 0u, one = (at & 32u) != 0u;
  uint t0 = two ? 0x1054A7F0u : 0x0000028Bu, t1 = two ? 0x9D5F47D4u : 0xE60DB939u, t2 = two ? 0xD377036Du : 0x1054A7F0u;
  uint t3 = two ? 0x8A5664F1u : 0x9D5F47D4u, t4 = two ? 0x0E4107F9u : 0xD377036Du;
  t0 = one ? t1 : t0, t1 = one ? t2 : t1, t2 = one ? t3 : t2, t3 = one ? t4 : t3;
  uvec2 first = vf_wide_product(mantissa, vf_joined(t1, t2, shift));
  uint low = first.x + vf_wide_product(mantissa, vf_joined(t2, t3, shift)).y;
  uint high = mantissa * vf_joined(t0, t1, shift) + first.y + uint(low < first.x);
  // Quarter turns: two digits, then the fraction, nearest the whole number.
  uint quarters = (high + 0x20000000u) >> 30, flip = 0u - (high >> 29 & 1u);
  high = (high << 2 | low >> 30) ^ flip;
  low = (low << 2) ^ flip;
  float upper = float(high & 0xFFFFFF00u), lower = float(high & 0xFFu) + float(low) * 2.32830644e-10f;
  float s = upper + lower, t = (upper - s) + lower, s_upper = vf_upper(s), s_lower = s - s_upper;
  float product = s_upper * 3.65730557e-10f;  // pi/2 2^-32: 12 digits, the rest
  float rest = (s_upper * -1.03713361e-15f + s_lower * 3.6572953e-10f) + t * 3.6572953e-10f;
  float r = product + rest, r_low = (product - r) + rest;
  float sign = flip != 0u ? -1.0f : 1.0f;
  return vec3(sign * r, sign * r_low, float(quarters));
}

// x >= 0 as quarter turns and r + r_low within pi/4 of them: (r, r_low, quarter turns). Cody and Waite: pi/2 in parts of
// 12 digits, whose products with up to 4096 are exact.
precise vec3 vf_reduced(float x) {
  float n = roundEven(x * 0.636619747f);
  float a = (x - n * 1.5703125f) - n * 0.000483751297f, b = n * 7.54953362e-08f, c = n * 2.56334407e-12f;
  float ab = a - b, r = ab - c;
  vec3 turns = vec3(r, ((ab - r) - c) + ((a - ab) - b), n);
  if (x >= 6400.0f) turns = vf_reduced_far(x);
  return turns;
}

// (sin(r) - r) / r^3 and (cos(r) - 1 + r^2/2) / r^4 of w = r^2
precise float vf_sine_tail(float w) { return -0.166666538f + w * (0.00833210163f + w * -0.000195068511f); }
precise float vf_cosine_tail(float w) { return 0.0416666456f + w * (-0.00138873013f + w * 2.44306702e-05f); }
#endif

#ifdef USES_ARC
// (asin(x) - x) / x^3 of z = x^2, |x| <= 1/2
precise float vf_asin_tail(float z) {
  return 0.166667536f + z * (0.0749524906f + z * (0.0454766601f + z * (0.0241481196f + z * 0.04221984f)));
}
// (atan(x) - x) / x^3 of z = x^2, |x| <= tan(pi/8)
precise float vf_atan_tail(float z) {
  return -0.333333164f + z * (0.199985281f + z * (-0.142443776f + z * (0.105989404f + z * -0.0608913079f)));
}
#endif

#ifdef USES_HYPERBOLIC
// (sinh(x) - x) / x^3 of z = x^2, |x| <= 1
precise float vf_sinh_tail(float z) { return 0.166667178f + z * (0.00833022315f + z * 0.000203766336f); }
#endif

#ifdef USES_POW
// (3/2 log((1 + z) / (1 - z)) / z - 3 - w) / w^2 of w = z^2
precise float vf_log_ratio_tail(float w) { return 0.600002348f + w * (0.428199828f + w * 0.351459384f); }
#endif

#ifdef USES_ROOTS
// Kahan's start, a third of the bits read as an integer, has 5 digits; each of Newton's steps doubles them.
precise float vf_cbrt_step(float t, float a) { return t + (a / (t * t) - t) * 0.333333343f; }
precise float vf_cbrt(float x) {
  uint bits = floatBitsToUint(x) & 0x7FFFFFFFu;
  bool subnormal = bits < 0x00800000u;
  float scaled = float(bits) * 2.0f;  // |x| 2^150, without arithmetic that might take x for 0
  float a = vf_select(subnormal, scaled, abs(x));
  float t = uintBitsToFloat(floatBitsToUint(a) / 3u + 709958130u);
  t = vf_cbrt_step(vf_cbrt_step(vf_cbrt_step(t, a), a), a);
  t *= subnormal ? 8.8817842e-16f : 1.0f;
  bool itself = vf_or(vf_is_zero(x), !is_finite(x));
  return vf_copysign(itself ? abs(x) : t, x);
}
#endif

#ifdef USES_DIVISION
// The remainder of |a| by |b|, exactly, for a finite and b not 0: 20 digits of the quotient at a time, estimated in float;
// what is left fits in 25 bits, so that nothing matters beyond 32.
precise float vf_modulus(float a, float b) {
  uint a_bits = floatBitsToUint(a) & 0x7FFFFFFFu, b_bits = floatBitsToUint(b) & 0x7FFFFFFFu;
  int a_exponent = max(int(a_bits >> 23), 1), b_exponent = max(int(b_bits >> 23), 1);
  uint r = a_bits - (uint(a_exponent - 1) << 23), divisor = max(b_bits - (uint(b_exponent - 1) << 23), 1u);
  r %= divisor;
  for (int left = a_exponent - b_exponent; left > 0; left -= 20) {
    int digits = min(left, 20);
    uint quotient = uint(float(r) * float(1u << digits) / float(divisor));
    r = (r << digits) - quotient * divisor;
    r = vf_select(int(r) < 0, r + divisor, r);
    r = vf_select(r >= divisor, r - divisor, r);
  }
  // r 2^(b_exponent - 150): its digits moved up to the place of a mantissa, or to that of a subnormal number
  int up = min(23 - findMSB(r), b_exponent - 1);
  uint bits = vf_select(r == 0u, 0u, (r << up) + (uint(b_exponent - 1 - up) << 23));
  return uintBitsToFloat(a_bits < b_bits ? a_bits : bits);
}
#endif

#ifdef USES_NEXTAFTER
float vf_nextafter(float x, float y) {
  uint bits = floatBitsToUint(x), goal = floatBitsToUint(y), size = bits & 0x7FFFFFFFu, goal_size = goal & 0x7FFFFFFFu;
  bool grows = vf_and(has_sign(x) == has_sign(y), size < goal_size);
  uint next = vf_select(grows, bits + 1u, bits - 1u);
  next = vf_select(size == 0u, (goal & 0x80000000u) | 1u, next);
  next = vf_select(vf_or(bits == goal, (size | goal_size) == 0u), goal, next);
  return uintBitsToFloat(vf_select(vf_or(is_nan(x), is_nan(y)), 0x7FC00000u, next));
}
#endif

#include "elementary_real.glsl"
