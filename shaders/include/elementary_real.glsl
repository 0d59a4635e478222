// The elementary functions for REAL: elementary_float.glsl and elementary_double.glsl say what that is, include this file and
// have the parts that differ. Methods are the classical ones (Cody and Waite, Muller's "Elementary Functions").

precise REAL vf_reciprocal(REAL x) { return REAL(1) / x; }

// f(x) = y for an f that is x to the last digit about 0.
REAL vf_or_itself(REAL x, REAL y) {
  bool itself = vf_or(vf_is_tiny(x), is_nan(x));
  return itself ? x : y;
}

// The same of an odd f, from |f(x)|. The choice comes before the sign: LLVM 19 and 20 make something else of a choice between x
// and a number with its sign, where the processor has AVX-512 (lavapipe of Mesa 25.2 and 26.1).
REAL vf_odd(REAL x, REAL size) { return vf_copysign(vf_or_itself(abs(x), size), x); }

#if defined(USES_EXP_TAIL) || defined(USES_COMPLEX_LOG)
// x 2^n in two steps, of which only the second rounds: subnormal and infinite results come out right.
precise REAL vf_scaled(REAL x, REAL n) {
  REAL half_of_n = vf_nearest(n * REAL(0.5));
  return x * TWO_TO(half_of_n) * TWO_TO(n - half_of_n);
}
#endif

#ifdef USES_EXP
// e^x as m 2^n, m between the roots of 1/2 and 2, as (m, n); x up to `most`
precise REAL2 vf_exp_split(REAL x, REAL most) {
  REAL within = min(max(x, EXP_LEAST), most), n = vf_nearest(within * LOG2E);
  REAL r = (within - n * LN2_HIGH) - n * LN2_LOW;
  return REAL2(REAL(1) + (r + vf_exp_tail(r)), n);
}

// e^x 2^more
precise REAL vf_exp_scaled(REAL x, REAL more) {
  REAL2 e = vf_exp_split(x, EXP_MOST);
  return vf_scaled(e.x, e.y + more);
}

precise REAL vf_exp(REAL x) {
  REAL y = vf_exp_scaled(x, REAL(0));
  return is_nan(x) ? x : y;
}

precise REAL vf_exp2(REAL x) {
  REAL within = min(max(x, EXP2_LEAST), EXP2_MOST), n = vf_nearest(within), r = (within - n) * LN2;
  REAL y = vf_scaled(REAL(1) + (r + vf_exp_tail(r)), n);
  return is_nan(x) ? x : y;
}

precise REAL vf_expm1(REAL x) {
  REAL within = min(max(x, EXPM1_LEAST), EXP_MOST - REAL(1)), n = vf_nearest(within * LOG2E);
  REAL high = within - n * LN2_HIGH, low = n * LN2_LOW, r = high - low;
  REAL y = r + (vf_exp_tail(r) + ((high - r) - low)), scale = TWO_TO(n - REAL(1));
  REAL whole = (scale * y + (scale - REAL(0.5))) * REAL(2);
  y = n == REAL(0) ? y : whole;
  return vf_or_itself(x, y);
}
#endif

#ifdef USES_LOG
// y is a logarithm of x, except where x is no positive finite number.
precise REAL vf_log_domain(REAL x, REAL y) {
  y = is_inf(x) ? x : y;
  y = vf_select(has_sign(x), NAN_OF_REAL, y);
  y = vf_select(vf_is_zero(x), -INFINITY_OF_REAL, y);
  return is_nan(x) ? x : y;
}

precise REAL vf_log(REAL x) {
  REAL2 s = vf_split(x);
  return vf_log_domain(x, s.y * LN2_HIGH + (s.x + (vf_log_tail(s.x) + s.y * LN2_LOW)));
}

// The first digits of f times those of a constant are exact.
precise REAL vf_log2(REAL x) {
  REAL2 s = vf_split(x);
  REAL upper = vf_upper(s.x), low = (s.x - upper) * LOG2E_UPPER + (s.x * LOG2E_LOW + vf_log_tail(s.x) * LOG2E);
  return vf_log_domain(x, s.y + (upper * LOG2E_UPPER + low));
}

precise REAL vf_log10(REAL x) {
  REAL2 s = vf_split(x);
  REAL upper = vf_upper(s.x), low = (s.x - upper) * LOG10E_UPPER + (s.x * LOG10E_LOW + vf_log_tail(s.x) * LOG10E);
  return vf_log_domain(x, s.y * LOG10_2_HIGH + (upper * LOG10E_UPPER + (low + s.y * LOG10_2_LOW)));
}

precise REAL vf_log1p(REAL x) {
  REAL u = REAL(1) + x;
  REAL2 s = vf_split(u);
  bool near = s.y == REAL(0);
  REAL f = vf_select(near, x, s.x), power = TWO_TO(s.y);
  REAL lost = (x - (s.x * power + (power - REAL(1)))) / u;  // x - (u - 1), so that no compiler takes it for 0
  lost = vf_select(vf_or(near, s.y > REAL(60)), REAL(0), lost);
  REAL y = s.y * LN2_HIGH + (f + (vf_log_tail(f) + (s.y * LN2_LOW + lost)));
  y = vf_log_domain(u, y);
  return vf_or_itself(x, y);
}
#endif

#ifdef USES_TRIG
precise REAL vf_sine(REAL r, REAL r_low) {
  REAL w = r * r;
  return r + (r * w * vf_sine_tail(w) + r_low);
}
precise REAL vf_cosine(REAL r, REAL r_low) {
  REAL w = r * r;
  return REAL(1) - (REAL(0.5) * w - (w * w * vf_cosine_tail(w) - r * r_low));
}

// The sine of a reduced angle and so many quarter turns more.
precise REAL vf_turned(REAL3 angle, int more) {
  REAL s = vf_sine(angle.x, angle.y), c = vf_cosine(angle.x, angle.y);
  uint quarters = vf_last_digits(angle.z + REAL(more));
  REAL y = (quarters & 1u) != 0u ? c : s;
  return vf_select((quarters & 2u) != 0u, -y, y);
}

precise REAL vf_sin(REAL x) {
  REAL y = vf_turned(vf_reduced(abs(x)), 0);
  y = vf_select(has_sign(x), -y, y);
  return vf_select(is_finite(x), vf_or_itself(x, y), NAN_OF_REAL);
}

precise REAL vf_cos(REAL x) {
  REAL y = vf_turned(vf_reduced(abs(x)), 1);
  return vf_select(is_finite(x), y, NAN_OF_REAL);
}

precise REAL vf_tan(REAL x) {
  REAL3 angle = vf_reduced(abs(x));
  REAL s = vf_sine(angle.x, angle.y), c = vf_cosine(angle.x, angle.y);
  bool odd = (vf_last_digits(angle.z) & 1u) != 0u;
  REAL y = (odd ? c : s) / (odd ? s : c);
  y = vf_select(odd != has_sign(x), -y, y);
  return vf_select(is_finite(x), vf_or_itself(x, y), NAN_OF_REAL);
}
#endif

#ifdef USES_ARC
// asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)): the arc sine of a up to 1/2, of that root above, as a sum of two.
precise REAL2 vf_arc(REAL a) {
  bool near = a <= REAL(0.5);
  REAL z = vf_select(near, a * a, (REAL(1) - a) * REAL(0.5)), root = sqrt(z), s = near ? a : root;
  return REAL2(s, s * z * vf_asin_tail(z));
}

precise REAL vf_asin(REAL x) {
  REAL a = min(abs(x), REAL(1));
  REAL2 arc = vf_arc(a);
  REAL far = PIO2_HIGH - (REAL(2) * arc.x + (REAL(2) * arc.y - PIO2_LOW));
  REAL y = vf_odd(x, vf_select(a <= REAL(0.5), arc.x + arc.y, far));
  return vf_select(vf_or(is_nan(x), abs(x) > REAL(1)), NAN_OF_REAL, y);
}

precise REAL vf_acos(REAL x) {
  REAL a = min(abs(x), REAL(1)), sign = has_sign(x) ? REAL(-1) : REAL(1);
  REAL2 arc = vf_arc(a);
  REAL near = PIO2_HIGH - (sign * arc.x + (sign * arc.y - PIO2_LOW)), far = REAL(2) * (arc.x + arc.y);
  REAL beyond = REAL(2) * (PIO2_HIGH - (arc.x + (arc.y - PIO2_LOW)));
  far = has_sign(x) ? beyond : far;
  REAL y = a <= REAL(0.5) ? near : far;
  return vf_select(vf_or(is_nan(x), abs(x) > REAL(1)), NAN_OF_REAL, y);
}

// The angle of (x, y), or of (-x, y), for x, y >= 0, not both infinite: as the nearest multiple of pi/4 and the arc of a
// tangent below tan(pi/8).
precise REAL vf_angle(REAL y, REAL x, bool left) {
  bool low = y <= TAN_PIO8 * x, high = x <= TAN_PIO8 * y;
  REAL above = vf_select(high, x, y - x), below = vf_select(high, y, y + x), eighths = high ? REAL(2) : REAL(1);
  above = low ? y : above, below = low ? x : below, eighths = low ? REAL(0) : eighths;
  REAL t = above / (below == REAL(0) ? REAL(1) : below), z = t * t, arc = t + t * z * vf_atan_tail(z);
  arc = vf_select((eighths == REAL(2)) != left, -arc, arc);
  eighths = vf_select(left, REAL(4) - eighths, eighths);
  return eighths * PIO4_HIGH + (arc + eighths * PIO4_LOW);
}

precise REAL vf_atan(REAL x) {
  return vf_odd(x, vf_angle(abs(x), REAL(1), false));
}

precise REAL vf_atan2(REAL y, REAL x) {
  bool corner = vf_and(is_inf(x), is_inf(y));
  REAL scale = max(abs(x), abs(y)) > LARGE ? REAL(0.25) : REAL(1);
  REAL v = vf_select(corner, REAL(1), abs(y) * scale), u = vf_select(corner, REAL(1), abs(x) * scale);
  return vf_select(vf_or(is_nan(x), is_nan(y)), NAN_OF_REAL, vf_copysign(vf_angle(v, u, has_sign(x)), y));
}
#endif

#ifdef USES_HYPERBOLIC
precise REAL vf_sinh(REAL x) {
  REAL a = abs(x), z = a * a, e = vf_exp_scaled(a, REAL(-1));
  REAL y = e - REAL(0.25) / e, near = a + a * z * vf_sinh_tail(z);
  return vf_odd(x, a < REAL(1) ? near : y);
}

precise REAL vf_cosh(REAL x) {
  REAL e = vf_exp_scaled(abs(x), REAL(-1)), y = e + REAL(0.25) / e;
  return is_nan(x) ? x : y;
}

precise REAL vf_tanh(REAL x) {
  // NaN goes through: lavapipe loses the values of tanh(b + tanh(a)) where a minimum and a test for NaN meet.
  REAL size = abs(x), a = size > REAL(30) ? REAL(30) : size, e = vf_expm1(REAL(2) * a);
  bool near = a < REAL(0.5);
  REAL q = (near ? e : REAL(2)) / (e + REAL(2));
  REAL y = vf_select(near, q, REAL(1) - q);
  return vf_copysign(vf_is_tiny(x) ? size : y, x);
}
#endif

#ifdef USES_AREA
precise REAL vf_asinh(REAL x) {
  REAL a = abs(x), z = a * a;
  bool far = a > REAL(1152921504606846976.0f);  // 2^60
  REAL near = a + z / (REAL(1) + sqrt(REAL(1) + z));
  return vf_odd(x, vf_log1p(far ? a : near) + (far ? LN2 : REAL(0)));
}

precise REAL vf_acosh(REAL x) {
  REAL t = x - REAL(1);
  bool far = x > REAL(1152921504606846976.0f);  // 2^60
  REAL near = t + sqrt(max(t * (x + REAL(1)), REAL(0)));
  REAL y = vf_log1p(far ? x : near) + (far ? LN2 : REAL(0));
  return vf_select(vf_or(is_nan(x), x < REAL(1)), NAN_OF_REAL, y);
}

precise REAL vf_atanh(REAL x) {
  REAL a = abs(x), y = REAL(0.5) * vf_log1p(REAL(2) * a / (REAL(1) - a));
  y = vf_odd(x, vf_select(a == REAL(1), INFINITY_OF_REAL, y));
  return vf_select(a > REAL(1), NAN_OF_REAL, y);
}
#endif

#ifdef USES_POW
// a b as a rounded product and what rounding lost: Dekker's, with halves cut from the bits.
precise REAL2 vf_product(REAL a, REAL b) {
  REAL p = a * b, a_high = vf_upper(a), a_low = a - a_high, b_high = vf_upper(b), b_low = b - b_high;
  return REAL2(p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low);
}

// log2(x) for positive finite x as a sum of two: from z = (m - 1) / (m + 1), log(m) = 2/3 z (3 + z^2 + ...).
// The last digit of some sums is cleared, so that what they lost is not taken for 0 where a driver forgets `precise`.
precise REAL2 vf_log2_sum(REAL x) {
  REAL2 s = vf_split(x);
  REAL below = vf_even(s.x + REAL(2)), z = s.x / below;
  REAL2 back = vf_product(z, below);
  REAL z_low = (((s.x - back.x) - back.y) - z * (s.x - (below - REAL(2)))) / below;
  REAL2 w = vf_product(z, z);
  REAL tail = (w.y + REAL(2) * z * z_low) + w.x * w.x * vf_log_ratio_tail(w.x);
  REAL rest = w.x + tail, series = vf_even(REAL(3) + rest), series_low = (rest - (series - REAL(3))) + (tail - (rest - w.x));
  REAL2 scaled = vf_product(series, LOG2_SCALE);
  REAL2 y = vf_product(z, scaled.x);
  REAL low = y.y + (z_low * scaled.x + z * (scaled.y + (series * LOG2_SCALE_LOW + series_low * LOG2_SCALE)));
  REAL whole = s.y + y.x;
  return REAL2(whole, vf_select(s.y == REAL(0), REAL(0), y.x - (whole - s.y)) + low);
}

precise REAL vf_pow(REAL x, REAL y) {
  REAL a = abs(x), power = min(max(y, -HUGE_POWER), HUGE_POWER);
  REAL2 logarithm = vf_log2_sum(a), p = vf_product(logarithm.x, power);
  REAL within = min(max(p.x, EXP2_LEAST), EXP2_MOST), n = vf_nearest(within);
  REAL low = p.y + logarithm.y * power, r = ((within - n) + (within == p.x ? low : REAL(0))) * LN2;
  REAL result = vf_scaled(REAL(1) + (r + vf_exp_tail(r)), n);

  bool edge = vf_or(vf_or(vf_is_zero(x), is_inf(x)), is_inf(y)), grows = (a > REAL(1)) != has_sign(y);
  REAL limit = vf_select(grows, INFINITY_OF_REAL, REAL(0));
  limit = a == REAL(1) ? REAL(1) : limit;
  result = edge ? limit : result;
  bool whole = vf_and(vf_trunc(y) == y, !vf_is_tiny(y)), halves = vf_trunc(y * REAL(0.5)) * REAL(2) == y;
  bool odd = vf_and(vf_and(whole, !halves), abs(y) < ODD_LIMIT), nan = vf_and(has_sign(x), !vf_or(whole, edge));
  result = vf_select(vf_and(has_sign(x), odd), -result, result);
  result = vf_select(vf_or(nan, vf_or(is_nan(x), is_nan(y))), NAN_OF_REAL, result);
  return vf_select(vf_or(x == REAL(1), vf_is_zero(y)), REAL(1), result);
}
#endif

#ifdef USES_LOGADDEXP
precise REAL vf_logaddexp(REAL a, REAL b) {
  REAL larger = a > b ? a : b, y = larger + vf_log1p(vf_exp(-abs(a - b)));
  y = vf_select(a == b, a + LN2, y);
  return vf_select(vf_or(is_nan(a), is_nan(b)), NAN_OF_REAL, y);
}
#endif

#ifdef USES_ROOTS
precise REAL vf_hypot(REAL x, REAL y) {
  REAL a = max(abs(x), abs(y)), b = min(abs(x), abs(y));
  int e = min(max(vf_exponent(a), 3 - MOST_EXPONENT), MOST_EXPONENT - 2);
  REAL scale = POWER_OF_TWO(-e), u = a * scale, v = b * scale, r = sqrt(u * u + v * v) * POWER_OF_TWO(e);
  r = vf_select(vf_or(is_nan(x), is_nan(y)), NAN_OF_REAL, r);
  return vf_select(vf_or(is_inf(x), is_inf(y)), INFINITY_OF_REAL, r);
}
#endif

#ifdef USES_DIVISION
// Python's: the remainder has the divisor's sign. As NumPy does it, so that quotients which do not fit are rounded alike.
precise REAL2 vf_divmod(REAL a, REAL b) {
  bool by_zero = vf_is_zero(b), fits = vf_and(is_finite(a), !vf_or(by_zero, is_nan(b)));
  REAL r = vf_select(fits, vf_copysign(vf_modulus(a, b), a), NAN_OF_REAL), ratio = a / b;
  REAL quotient = (a - r) / b;
  bool none = vf_is_zero(r), other = vf_and(!none, has_sign(r) != has_sign(b));
  r = vf_select(none, vf_copysign(r, b), vf_select(other, r + b, r));
  quotient = vf_select(other, quotient - REAL(1), quotient);
  REAL whole = floor(quotient);
  whole = vf_select(quotient - whole > REAL(0.5), whole + REAL(1), whole);
  whole = vf_select(vf_is_zero(quotient), vf_copysign(REAL(0), ratio), whole);
  return REAL2(by_zero ? ratio : whole, r);
}
precise REAL vf_floor_divide(REAL a, REAL b) { return vf_divmod(a, b).x; }
precise REAL vf_remainder(REAL a, REAL b) { return vf_divmod(a, b).y; }
#endif

#ifdef USES_COMPLEX
#include "elementary_complex.glsl"
#endif

#undef REAL
#undef REAL2
#undef REAL3
#undef INFINITY_OF_REAL
#undef NAN_OF_REAL
#undef LN2
#undef LN2_HIGH
#undef LN2_LOW
#undef LOG2E
#undef LOG2E_UPPER
#undef LOG2E_LOW
#undef LOG10E
#undef LOG10E_UPPER
#undef LOG10E_LOW
#undef LOG10_2_HIGH
#undef LOG10_2_LOW
#undef PIO2_HIGH
#undef PIO2_LOW
#undef PIO4_HIGH
#undef PIO4_LOW
#undef TAN_PIO8
#undef LOG2_SCALE
#undef LOG2_SCALE_LOW
#undef EXP_LEAST
#undef EXP_MOST
#undef EXP2_LEAST
#undef EXP2_MOST
#undef EXPM1_LEAST
#undef HUGE_POWER
#undef LARGE
#undef POWER_OF_TWO
#undef TWO_TO
#undef MOST_EXPONENT
#undef ODD_LIMIT
