// What differs between float and double in elementary_real.glsl: here for double.
#define REAL double
#define REAL2 dvec2
#define REAL3 dvec3
#define INFINITY_OF_REAL packDouble2x32(uvec2(0u, 0x7FF00000u))
#define NAN_OF_REAL packDouble2x32(uvec2(0u, 0x7FF80000u))
#define LN2 0.69314718055994529lf
#define LN2_HIGH 0.69314718055989033lf  // 42 digits: its product with an exponent is exact
#define LN2_LOW 5.4979230187083712e-14lf
#define LOG2E 1.4426950408889634lf
#define LOG2E_UPPER 1.4426950514316559lf  // 26 digits
#define LOG2E_LOW -1.0542692476429138e-08lf
#define LOG10E 0.43429448190325182lf
#define LOG10E_UPPER 0.43429448455572128lf  // 26 digits
#define LOG10E_LOW -2.6524694553078553e-09lf
#define LOG10_2_HIGH 0.30102999566395283lf
#define LOG10_2_LOW 2.8363394551044964e-14lf
#define PIO2_HIGH 1.5707963267948966lf
#define PIO2_LOW 6.123233995736766e-17lf
#define PIO4_HIGH 0.78539816339744828lf  // 51 digits: three times it is exact
#define PIO4_LOW 3.061616997868383e-17lf
#define TAN_PIO8 0.41421356237309503lf
#define LOG2_SCALE 0.96179669392597555lf  // 2 / (3 ln 2)
#define LOG2_SCALE_LOW 5.0577616648125907e-17lf
#define EXP_LEAST -745.2lf  // e^x is 0 below, infinite above
#define EXP_MOST 711.0lf
#define EXP2_LEAST -1076.0lf
#define EXP2_MOST 1025.0lf
#define EXPM1_LEAST -40.0lf           // e^x - 1 is -1 below
#define HUGE_POWER 1.1805916207174113e21lf  // 2^70: any number but 1 to this power is 0 or infinite
#define LARGE 8e307lf                 // twice this may be infinite
#define POWER_OF_TWO vf_double_power_of_two
#define TWO_TO vf_double_two_to
#define MOST_EXPONENT 1023
#define ODD_LIMIT 9007199254740992.0lf  // only even numbers from here on

bool vf_is_zero(double x) {
  uvec2 bits = unpackDouble2x32(x);
  return (bits.x | (bits.y & 0x7FFFFFFFu)) == 0u;
}
bool vf_is_tiny(double x) { return (unpackDouble2x32(x).y & 0x7FFFFFFFu) < 0x3C000000u; }  // below 2^-63
double vf_copysign(double x, double sign) {
  uvec2 bits = unpackDouble2x32(x);
  return packDouble2x32(uvec2(bits.x, (bits.y & 0x7FFFFFFFu) | (unpackDouble2x32(sign).y & 0x80000000u)));
}
double vf_double_power_of_two(int n) { return packDouble2x32(uvec2(0u, uint(n + 1023) << 20)); }
precise uint vf_last_digits(double n) { return unpackDouble2x32(n + 6755399441055744.0lf).x; }
precise double vf_double_two_to(double n) {
  return packDouble2x32(uvec2(0u, unpackDouble2x32(n + 6755399441056767.0lf).x << 20));
}
int vf_exponent(double x) { return int(unpackDouble2x32(x).y >> 20 & 0x7FFu) - 1023; }
double vf_upper(double x) {  // its first 26 digits
  uvec2 bits = unpackDouble2x32(x);
  return packDouble2x32(uvec2(bits.x & 0xF8000000u, bits.y));
}

double vf_even(double x) {  // the last digit cleared
  uvec2 bits = unpackDouble2x32(x);
  return packDouble2x32(uvec2(bits.x & ~1u, bits.y));
}

#ifdef USES_EXP_TAIL
// e^r - 1 - r for |r| <= ln(2) / 2
precise double vf_exp_tail(double r) {
  double p = 2.7557258007328965e-07lf + r * (2.5109868595230767e-08lf + r * 2.0919983435623284e-09lf);
  p = 0.00019841269887781421lf + r * (2.4801587341563499e-05lf + r * (2.7557242153032225e-06lf + r * p));
  p = 0.041666666666666678lf + r * (0.0083333333333211659lf + r * (0.001388888888887721lf + r * p));
  return r * r * (0.5lf + r * (0.16666666666666677lf + r * p));
}
#endif

#ifdef USES_LOG_SPLIT
// x = m 2^k, m between the roots of 1/2 and 2, as (m - 1, k), for positive x
precise dvec2 vf_split(double x) {
  uvec2 bits = unpackDouble2x32(x);
  bool subnormal = bits.y < 0x00100000u;
  uvec2 scaled = unpackDouble2x32(double(bits.y) * 4294967296.0lf + double(bits.x));  // x 2^1074
  bits = subnormal ? scaled : bits;
  int k = int(bits.y - 0x3FE6A09Eu) >> 20;
  double m = packDouble2x32(uvec2(bits.x, bits.y - (uint(k) << 20)));
  return dvec2(m - 1.0lf, double(k) - (subnormal ? 1074.0lf : 0.0lf));
}
#endif

#ifdef USES_LOG
// log(1 + f) - f for f between the roots of 1/2 and 2, less 1: with s = f / (2 + f), log(1 + f) = 2 s + 2/3 s^3 + ...
precise double vf_log_tail(double f) {
  double s = f / (2.0lf + f), w = s * s, square = 0.5lf * f * f;
  double p = 0.22222197550437989lf + w * (0.1818362102199291lf + w * (0.15312515112262223lf + w * 0.14812113546346381lf));
  p = w * (0.66666666666667396lf + w * (0.39999999999376584lf + w * (0.28571428751639016lf + w * p)));
  return s * (square + p) - square;
}
#endif

#ifdef USES_TRIG
uvec2 vf_sum(uint a, uint b, uint c, uint d, uint carry) {  // low word, high word
  uint ab = a + b, abc = ab + c, abcd = abc + d, sum = abcd + carry;
  return uvec2(sum, uint(ab < a) + uint(abc < c) + uint(abcd < d) + uint(sum < carry));
}

// The digits of 2/pi after 54 zeros: as many as the largest double needs.
const uvec4 kTwoOverPi[10] = {  // NOLINT(bugprone-throwing-static-initialization)
    uvec4(0u, 0x0000028Bu, 0xE60DB939u, 0x1054A7F0u), uvec4(0x9D5F47D4u, 0xD377036Du, 0x8A5664F1u, 0x0E4107F9u),
    uvec4(0x458EAF7Au, 0xEF1586DCu, 0x91B8E909u, 0x374B8019u), uvec4(0x24BBA827u, 0x464873F8u, 0x77AC72C4u, 0xA69CFBA2u),
    uvec4(0x08D7D4BAu, 0xED1213A6u, 0x71C09AD1u, 0x7DF904E6u), uvec4(0x4758E60Du, 0x4CE7D272u, 0x117E2EF7u, 0xE4A0EC7Fu),
    uvec4(0xE25FFF78u, 0x16603FBCu, 0xBC462D68u, 0x29B47DB4u), uvec4(0xD9FB3C9Fu, 0x2C26DD3Du, 0x18FD9A79u, 0x7FA8B5D4u),
    uvec4(0x9EEB1FAFu, 0x97C5ECF4u, 0x1CE7DE29u, 0x4A4BA9AFu), uvec4(0xED7EC47Eu, 0x35742158u, 0x0CC11BF1u, 0xEDAEAFC3u)};

// Payne and Hanek: digits of 2/pi that make whole turns of x are left out, the others multiplied as integers. The seven words
// that hold them are chosen in five steps, since drivers copy a table that is indexed.
precise dvec3 vf_reduced_far(double x) {
  uvec2 bits = unpackDouble2x32(x);
  uint low = bits.x, high = (bits.y & 0x000FFFFFu) | 0x00100000u, at = (bits.y >> 20) - 1023u, shift = at & 31u;
  bool by_16 = (at & 512u) != 0u, by_8 = (at & 256u) != 0u, by_4 = (at & 128u) != 0u;
  uvec4 p = by_16 ? kTwoOverPi[4] : kTwoOverPi[0], q = by_16 ? kTwoOverPi[5] : kTwoOverPi[1];
  uvec4 r = by_16 ? kTwoOverPi[6] : kTwoOverPi[2], s = by_16 ? kTwoOverPi[7] : kTwoOverPi[3];
  uvec4 t = by_16 ? kTwoOverPi[8] : kTwoOverPi[4], u = by_16 ? kTwoOverPi[9] : kTwoOverPi[5];
  p = by_8 ? r : p, q = by_8 ? s : q, r = by_8 ? t : r, s = by_8 ? u : s;
  p = by_4 ? q : p, q = by_4 ? r : q, r = by_4 ? s : r;
  uvec4 p_by_2 = uvec4(p.z, p.w, q.x, q.y), q_by_2 = uvec4(q.z, q.w, r.x, r.y);
  bool by_2 = (at & 64u) != 0u, by_1 = (at & 32u) != 0u;
  p = by_2 ? p_by_2 : p, q = by_2 ? q_by_2 : q;
  uvec4 p_by_1 = uvec4(p.y, p.z, p.w, q.x), q_by_1 = uvec4(q.y, q.z, q.w, 0u);
  p = by_1 ? p_by_1 : p, q = by_1 ? q_by_1 : q;
  uint w0 = vf_joined(p.x, p.y, shift), w1 = vf_joined(p.y, p.z, shift), w2 = vf_joined(p.z, p.w, shift);
  uint w3 = vf_joined(p.w, q.x, shift), w4 = vf_joined(q.x, q.y, shift), w5 = vf_joined(q.y, q.z, shift);
  uvec2 low1 = vf_wide_product(low, w1), low4 = vf_wide_product(low, w4), high4 = vf_wide_product(high, w4);
  uvec2 low2 = vf_wide_product(low, w2), high2 = vf_wide_product(high, w2);
  uvec2 low3 = vf_wide_product(low, w3), high3 = vf_wide_product(high, w3);
  uvec2 d = vf_sum(low3.x, low4.y, high4.x, vf_wide_product(high, w5).y, 0u);
  uvec2 c = vf_sum(low2.x, low3.y, high3.x, high4.y, d.y), b = vf_sum(low1.x, low2.y, high2.x, high3.y, c.y);
  uint a = low * w0 + low1.y + high * w1 + high2.y + b.y;
  // Quarter turns: two digits, then the fraction, nearest the whole number.
  uint quarters = (a + 0x20000000u) >> 30, flip = 0u - (a >> 29 & 1u);
  uint f0 = (a << 2 | b.x >> 30) ^ flip, f1 = (b.x << 2 | c.x >> 30) ^ flip, f2 = (c.x << 2 | d.x >> 30) ^ flip;
  uint f3 = (d.x << 2) ^ flip;
  double upper = double(f0) * 4294967296.0lf + double(f1 & 0xFFFFF800u);
  double lower = double(f1 & 0x7FFu) + (double(f2) + double(f3) * 2.3283064365386963e-10lf) * 2.3283064365386963e-10lf;
  double sum = upper + lower, tail = (upper - sum) + lower, sum_upper = vf_upper(sum), sum_lower = sum - sum_upper;
  double product = sum_upper * 8.5153040256175931e-20lf;  // pi/2 2^-64: 26 digits, the rest
  double rest = (sum_upper * -7.5401206622638798e-28lf + (sum_lower + tail) * 8.5153039502163861e-20lf);
  double angle = product + rest, angle_low = (product - angle) + rest;
  double sign = flip != 0u ? -1.0lf : 1.0lf;
  return dvec3(sign * angle, sign * angle_low, double(quarters));
}

// x >= 0 as quarter turns and r + r_low within pi/4 of them: (r, r_low, quarter turns). Cody and Waite: pi/2 in parts of
// 38 digits, whose products with up to 2^15 are exact.
precise dvec3 vf_reduced(double x) {
  double n = vf_nearest(x * 0.63661977236758138lf);
  double a = x - n * 1.5707963267923333lf, b = n * 2.5633441515971907e-12lf, c = n * -2.6718907338610155e-24lf;
  double ab = a - b, r = ab - c;
  dvec3 turns = dvec3(r, ((ab - r) - c) + ((a - ab) - b), n);
  if (x >= 51000.0lf) turns = vf_reduced_far(x);
  return turns;
}

// (sin(r) - r) / r^3 and (cos(r) - 1 + r^2/2) / r^4 of w = r^2
precise double vf_sine_tail(double w) {
  double p = 2.7557313296079166e-06lf + w * (-2.5050694505153763e-08lf + w * 1.5893024292359721e-10lf);
  return -0.16666666666666627lf + w * (0.0083333333333210791lf + w * (-0.0001984126982870078lf + w * p));
}
precise double vf_cosine_tail(double w) {
  double p = -2.7557313954153133e-07lf + w * (2.0875667735550944e-09lf + w * -1.1356707201722058e-11lf);
  return 0.041666666666666588lf + w * (-0.0013888888888872056lf + w * (2.480158728814455e-05lf + w * p));
}
#endif

#ifdef USES_ARC
// (asin(x) - x) / x^3 of z = x^2, |x| <= 1/2
precise double vf_asin_tail(double z) {
  double p = 0.01959586410992533lf + z * (-0.016329115305770588lf + z * 0.031983371719432607lf);
  p = 0.013884331618659694lf + z * (0.012175067443504876lf + z * (0.006502971528738708lf + z * p));
  p = 0.030381959400693728lf + z * (0.022371751812665555lf + z * (0.017359797534750931lf + z * p));
  return 0.16666666666665375lf + z * (0.075000000003449516lf + z * (0.044642856821849833lf + z * p));
}
// (atan(x) - x) / x^3 of z = x^2, |x| <= tan(pi/8)
precise double vf_atan_tail(double z) {
  double p = 0.05847819315003052lf + z * (-0.050389550154955429lf + z * (0.038054869654519471lf + z * -0.017895774417077636lf));
  p = -0.090908977291858456lf + z * (0.076920595803892433lf + z * (-0.066630955720334645lf + z * p));
  p = -0.14285714280190162lf + z * (0.11111110782763058lf + z * p);
  return -0.33333333333333198lf + z * (0.1999999999995363lf + z * p);
}
#endif

#ifdef USES_HYPERBOLIC
// (sinh(x) - x) / x^3 of z = x^2, |x| <= 1
precise double vf_sinh_tail(double z) {
  double p = 2.5052130675364118e-08lf + z * (1.6056687158119207e-10lf + z * 7.7756880516394498e-13lf);
  p = 0.00019841269841589247lf + z * (2.7557319108484713e-06lf + z * p);
  return 0.16666666666666669lf + z * (0.0083333333333329151lf + z * p);
}
#endif

#ifdef USES_POW
// (3/2 log((1 + z) / (1 - z)) / z - 3 - w) / w^2 of w = z^2
precise double vf_log_ratio_tail(double w) {
  double p = 0.27272674378887679lf + w * (0.23080239320739479lf + w * (0.19882751163572554lf + w * 0.19818057112986337lf));
  return 0.60000000000003639lf + w * (0.42857142855020908lf + w * (0.33333333803806736lf + w * p));
}
#endif

#ifdef USES_ROOTS
// The root of the mantissa as a float, and one step of Halley's, which has three times as many digits.
precise double vf_cbrt(double x) {
  uvec2 bits = unpackDouble2x32(abs(x));
  bool subnormal = bits.y < 0x00100000u;
  uvec2 scaled = unpackDouble2x32(double(bits.y) * 4294967296.0lf + double(bits.x));  // |x| 2^1074
  bits = subnormal ? scaled : bits;
  uint third = (bits.y >> 20) / 3u;  // 341 for numbers from 1 to 8
  double a = packDouble2x32(uvec2(bits.x, bits.y + ((341u - third) * 3u << 20)));
  double t = double(vf_cbrt(float(a))), cube = t * t * t;
  t = t + t * ((a - cube) / (2.0lf * cube + a));
  t *= vf_double_power_of_two(int(third) - (subnormal ? 699 : 341));
  bool itself = vf_or(vf_is_zero(x), !is_finite(x));
  return vf_copysign(itself ? abs(x) : t, x);
}
#endif

#ifdef USES_DIVISION
// |x| as an integer of 53 digits times a power of two, for finite x not 0: (integer, power)
precise dvec2 vf_integer(double x) {
  uvec2 bits = unpackDouble2x32(abs(x));
  bool subnormal = bits.y < 0x00100000u;
  uvec2 scaled = unpackDouble2x32(double(bits.y) * 4294967296.0lf + double(bits.x));  // |x| 2^1074
  bits = subnormal ? scaled : bits;
  double power = double(int(bits.y >> 20) - 1075) - (subnormal ? 1074.0lf : 0.0lf);
  return dvec2(packDouble2x32(uvec2(bits.x, (bits.y & 0x000FFFFFu) | 0x43300000u)), power);
}

// The remainder of |a| by |b|, exactly, for a finite and b not 0: 25 digits of the quotient at a time. Every step is exact.
precise double vf_modulus(double a, double b) {
  dvec2 dividend = vf_integer(a), divisor = vf_integer(b);
  double r = dividend.x, upper = vf_upper(divisor.x), lower = divisor.x - upper;
  int left = int(dividend.y) - int(divisor.y);
  bool smaller = abs(a) < abs(b);
  r = vf_select(r >= divisor.x, r - divisor.x, r);
  for (; left > 0; left -= 25) {
    double power = vf_double_power_of_two(min(left, 25)), quotient = vf_trunc(r * power / divisor.x);
    r = (r * power - quotient * upper) - quotient * lower;
    r = vf_select(r < 0.0lf, r + divisor.x, r);
    r = vf_select(r >= divisor.x, r - divisor.x, r);
  }
  int power = int(divisor.y);
  r = r * vf_double_power_of_two(power >> 1) * vf_double_power_of_two(power - (power >> 1));
  return vf_select(smaller, abs(a), r);
}
#endif

#ifdef USES_NEXTAFTER
double vf_nextafter(double x, double y) {
  uvec2 bits = unpackDouble2x32(x), goal = unpackDouble2x32(y);
  uint high = bits.y & 0x7FFFFFFFu, goal_high = goal.y & 0x7FFFFFFFu;
  bool smaller = vf_or(high < goal_high, vf_and(high == goal_high, bits.x < goal.x));
  bool grows = vf_and(has_sign(x) == has_sign(y), smaller);
  uvec2 larger = uvec2(bits.x + 1u, bits.y + uint(bits.x == 0xFFFFFFFFu));
  uvec2 next = uvec2(bits.x - 1u, bits.y - uint(bits.x == 0u)), least = uvec2(1u, goal.y & 0x80000000u);
  next = grows ? larger : next;
  bool from_zero = vf_is_zero(x), there = vf_or(bits == goal, vf_and(from_zero, vf_is_zero(y)));
  next = from_zero ? least : next;
  next = there ? goal : next;
  return vf_select(vf_or(is_nan(x), is_nan(y)), NAN_OF_REAL, packDouble2x32(next));
}
#endif

#include "elementary_real.glsl"
