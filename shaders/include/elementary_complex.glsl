// The elementary functions of complex numbers, for REAL2 as (real part, imaginary part): elementary_real.glsl includes this.
// Branch cuts, signed zeros and special values are those of the Python array API standard and of C99's Annex G. Arc functions
// are Kahan's ("Branch cuts for complex elementary functions"), whose sums have terms of one sign.

precise REAL2 vf_reciprocal(REAL2 z) {
  bool wide = abs(z.x) >= abs(z.y);
  REAL large = vf_select(wide, z.x, z.y), little = vf_select(wide, z.y, z.x);
  REAL up = vf_select(abs(large) < POWER_OF_TWO(-MOST_EXPONENT / 2), POWER_OF_TWO(MOST_EXPONENT / 2), REAL(1));
  REAL scale = vf_select(abs(large) > LARGE, REAL(0.25), up);
  REAL ratio = little / vf_select(large == REAL(0), REAL(1), large), below = large * scale + little * scale * ratio;
  REAL one = scale / below, other = ratio * scale / below;
  return REAL2(wide ? one : other, -vf_select(wide, other, one));
}

// y, except where a part of z is infinite, or NaN.
REAL vf_unless_inf(REAL2 z, REAL value, REAL y) { return vf_select(complex_is_inf(z), value, y); }
REAL vf_unless_nan(REAL2 z, REAL y) { return vf_select(complex_is_nan(z), NAN_OF_REAL, y); }

#if defined(USES_COMPLEX_EXP) || defined(USES_COMPLEX_WAVES)
// Beyond this even the least of all numbers times e^x is infinite.
#define WAVE_MOST (REAL(2.15) * EXP_MOST)

// (sin(x), cos(x)), and NaN of what is not finite.
precise REAL2 vf_sine_cosine(REAL x) {
  REAL3 angle = vf_reduced(abs(x));
  REAL s = vf_sine(angle.x, angle.y), c = vf_cosine(angle.x, angle.y);
  int quarters = int(angle.z);
  bool odd = (quarters & 1) != 0;
  REAL sine = odd ? c : s, cosine = odd ? s : c;
  sine = vf_select(((quarters & 2) != 0) != has_sign(x), -sine, sine);
  cosine = vf_select(((quarters + 1) & 2) != 0, -cosine, cosine);
  bool finite = is_finite(x);
  return REAL2(vf_select(finite, vf_or_itself(x, sine), NAN_OF_REAL), vf_select(finite, cosine, NAN_OF_REAL));
}

// a b 2^n, where a zero makes zero of anything, and an infinite a something infinite of any other number.
precise REAL vf_wave(REAL a, REAL b, int n, bool infinite) {
  int third = n / 3;  // two steps do not reach
  REAL part = POWER_OF_TWO(third), y = (b * part) * a * part * POWER_OF_TWO(n - 2 * third);
  REAL sign = vf_select(has_sign(a) != has_sign(b), REAL(-1), REAL(1));
  y = vf_select(vf_and(infinite, !is_nan(b)), vf_copysign(INFINITY_OF_REAL, sign), y);
  return vf_select(vf_or(vf_is_zero(a), vf_is_zero(b)), vf_copysign(REAL(0), sign), y);
}
#endif

#ifdef USES_COMPLEX_EXP
precise REAL2 vf_exp(REAL2 z) {
  REAL2 e = vf_exp_split(z.x, WAVE_MOST), turn = vf_sine_cosine(z.y);
  bool endless = is_inf(z.x), up = vf_and(endless, !has_sign(z.x)), wild = !is_finite(z.y), none = vf_and(endless, !up);
  REAL m = vf_select(is_nan(z.x), z.x, e.x), cosine = vf_select(vf_and(endless, wild), REAL(1), turn.y);
  REAL sine = vf_select(vf_and(none, wild), vf_copysign(REAL(0), z.y), turn.x);
  return REAL2(vf_wave(m, cosine, int(e.y), up), vf_wave(m, sine, int(e.y), up));
}

// The real part is (e^x - 1) cos(y) - (1 - cos(y)), neither of which cancels more than the imaginary part makes up for.
precise REAL2 vf_expm1(REAL2 z) {
  REAL2 e = vf_exp(z), turn = vf_sine_cosine(z.y);
  REAL versine = vf_select(turn.y > REAL(0), turn.x * turn.x / (REAL(1) + turn.y), REAL(1) - turn.y);
  REAL near = vf_expm1(z.x) * turn.y - versine;
  return REAL2(vf_select(vf_and(is_finite(z.x), z.x < REAL(1)), near, e.x - REAL(1)), e.y);
}
#endif

#ifdef USES_COMPLEX_WAVES
// (a, b, n): sinh(x) = a 2^n, cosh(x) = b 2^n
precise REAL3 vf_sinh_cosh(REAL x) {
  REAL a = abs(x), z = a * a;
  REAL2 e = vf_exp_split(a, WAVE_MOST);
  int n = int(e.y);
  REAL inverse = POWER_OF_TWO(-2 * min(n, 60)) / e.x, near = (a + a * z * vf_sinh_tail(z)) * POWER_OF_TWO(1 - min(n, 60));
  REAL s = vf_copysign(vf_select(a < REAL(1), near, e.x - inverse), x), c = e.x + inverse;
  bool nan = is_nan(x);
  return REAL3(nan ? x : s, nan ? x : c, e.y - REAL(1));
}

precise REAL2 vf_sinh(REAL2 z) {
  REAL3 h = vf_sinh_cosh(z.x);
  REAL2 turn = vf_sine_cosine(z.y);
  bool endless = is_inf(z.x);
  REAL cosine = vf_select(vf_and(endless, !is_finite(z.y)), REAL(1), turn.y);
  return REAL2(vf_wave(h.x, cosine, int(h.z), endless), vf_wave(h.y, turn.x, int(h.z), endless));
}

precise REAL2 vf_cosh(REAL2 z) {
  REAL3 h = vf_sinh_cosh(z.x);
  REAL2 turn = vf_sine_cosine(z.y);
  bool endless = is_inf(z.x);
  REAL cosine = vf_select(vf_and(endless, !is_finite(z.y)), REAL(1), turn.y);
  return REAL2(vf_wave(h.y, cosine, int(h.z), endless), vf_wave(h.x, turn.x, int(h.z), endless));
}

// (sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y)
precise REAL2 vf_tanh(REAL2 z) {
  REAL3 h = vf_sinh_cosh(z.x);
  REAL2 turn = vf_sine_cosine(z.y);
  REAL scale = POWER_OF_TWO(-min(int(h.z), MOST_EXPONENT - 1)), s = turn.x * scale, c = turn.y * scale;
  REAL below = h.x * h.x + c * c, re = h.x * h.y / below, im = s * c / below;
  bool endless = is_inf(z.x);
  re = vf_select(endless, vf_copysign(REAL(1), z.x), re);
  im = vf_select(endless, vf_copysign(REAL(0), vf_select(is_finite(z.y), turn.x * turn.y, z.y)), im);
  return REAL2(vf_select(vf_is_zero(z.x), z.x, re), vf_select(vf_is_zero(z.y), z.y, im));
}

precise REAL2 vf_sin(REAL2 z) {
  REAL2 y = vf_sinh(REAL2(z.y, z.x));
  return REAL2(y.y, y.x);
}
precise REAL2 vf_cos(REAL2 z) { return vf_cosh(REAL2(-z.y, z.x)); }
precise REAL2 vf_tan(REAL2 z) {
  REAL2 y = vf_tanh(REAL2(z.y, z.x));
  return REAL2(y.y, y.x);
}
#endif

#ifdef USES_COMPLEX_LOG
// log|z| = k log(2) + l, as (k, l); less = x - 1, which is what counts where |z| is near 1 and z is near it too.
precise REAL2 vf_log_size(REAL x, REAL y, REAL less) {
  REAL a = abs(x), b = abs(y);
  bool wide = a >= b;
  REAL2 s = vf_split(wide ? a : b);
  bool near = vf_and(vf_and(wide, !has_sign(x)), s.y == REAL(0));
  REAL f = vf_select(near, less, s.x), v = vf_scaled(wide ? b : a, -s.y);
  return REAL2(s.y, REAL(0.5) * vf_log1p(f * (f + REAL(2)) + v * v));
}

precise REAL vf_log_limits(REAL2 z, REAL y) {
  y = vf_select(vf_and(vf_is_zero(z.x), vf_is_zero(z.y)), -INFINITY_OF_REAL, y);
  return vf_unless_inf(z, INFINITY_OF_REAL, vf_unless_nan(z, y));
}

precise REAL2 vf_log_of(REAL2 z, REAL less) {
  REAL2 s = vf_log_size(z.x, z.y, less);
  return REAL2(vf_log_limits(z, s.x * LN2_HIGH + (s.y + s.x * LN2_LOW)), vf_atan2(z.y, z.x));
}
precise REAL2 vf_log(REAL2 z) { return vf_log_of(z, z.x - REAL(1)); }
precise REAL2 vf_log1p(REAL2 z) { return vf_log_of(REAL2(REAL(1) + z.x, z.y), z.x); }
precise REAL2 vf_log2(REAL2 z) {
  REAL2 s = vf_log_size(z.x, z.y, z.x - REAL(1));
  return REAL2(vf_log_limits(z, s.x + s.y * LOG2E), vf_atan2(z.y, z.x) * LOG2E);
}
precise REAL2 vf_log10(REAL2 z) {
  REAL2 s = vf_log_size(z.x, z.y, z.x - REAL(1));
  return REAL2(vf_log_limits(z, s.x * LOG10_2_HIGH + (s.y * LOG10E + s.x * LOG10_2_LOW)), vf_atan2(z.y, z.x) * LOG10E);
}
#endif

#ifdef USES_COMPLEX_ROOT
precise REAL2 vf_sqrt(REAL2 z) {
  REAL x = abs(z.x), y = abs(z.y);
  int half_exponent = min(max(vf_exponent(max(x, y)), 3 - MOST_EXPONENT), MOST_EXPONENT) >> 1;
  REAL scale = POWER_OF_TWO(-2 * half_exponent), back = POWER_OF_TWO(half_exponent), u = x * scale, v = y * scale;
  REAL root = sqrt((u + sqrt(u * u + v * v)) * REAL(0.5)), other = v / vf_select(root == REAL(0), REAL(1), root + root);
  root = vf_unless_nan(z, root * back), other = vf_unless_nan(z, other * back);
  bool right = vf_and(is_inf(x), !is_nan(y));  // of a real infinity
  root = vf_unless_inf(z, INFINITY_OF_REAL, root), other = vf_select(right, REAL(0), other);
  other = vf_select(is_inf(y), INFINITY_OF_REAL, other);
  bool left = has_sign(z.x);
  return REAL2(left ? other : root, vf_copysign(left ? root : other, z.y));
}
#endif

#ifdef USES_COMPLEX_ARC
// Large numbers are made smaller, so that no product overflows; 1 is nothing beside them.
precise REAL vf_arc_scale(REAL2 z) {
  return vf_select(max(abs(z.x), abs(z.y)) > REAL(1152921504606846976.0f), REAL(0.0625), REAL(1));  // 2^60
}

// The imaginary part of asin(z) from the roots of 1 - z, its sign turned, and 1 + z.
precise REAL vf_arc_height(REAL2 z, REAL2 below, REAL2 above, REAL scale) {
  REAL y = vf_asinh(below.x * above.y + below.y * above.x) + vf_select(scale == REAL(1), REAL(0), REAL(4) * LN2);
  y = vf_unless_inf(z, INFINITY_OF_REAL, vf_unless_nan(z, y));
  return vf_copysign(y, z.y);
}

precise REAL2 vf_asin(REAL2 z) {
  REAL scale = vf_arc_scale(z), x = abs(z.x) * scale, y = abs(z.y) * scale;
  REAL2 below = vf_sqrt(REAL2(REAL(1) - x, y)), above = vf_sqrt(REAL2(REAL(1) + x, y));
  REAL right = vf_unless_inf(z, abs(z.y), below.x * above.x + below.y * above.y);
  REAL re = vf_unless_nan(z, vf_atan2(x, right));
  return REAL2(vf_copysign(vf_select(vf_is_zero(z.x), z.x, re), z.x), vf_arc_height(z, below, above, scale));
}

precise REAL2 vf_acos(REAL2 z) {
  REAL scale = vf_arc_scale(z), x = abs(z.x) * scale, y = abs(z.y) * scale;
  REAL2 below = vf_sqrt(REAL2(REAL(1) - x, y)), above = vf_sqrt(REAL2(REAL(1) + x, y));
  bool left = has_sign(z.x), endless = complex_is_inf(z);
  REAL up = vf_select(left, above.x, below.x), right = vf_select(left, below.x, above.x);
  REAL re = vf_atan2(endless ? y : up, vf_select(endless, z.x, right));
  re = vf_unless_nan(z, re * vf_select(endless, REAL(1), REAL(2)));
  re = vf_select(vf_is_zero(z.x), PIO2_HIGH, re);
  return REAL2(re, -vf_arc_height(z, below, above, scale));
}

precise REAL2 vf_asinh(REAL2 z) {
  REAL2 y = vf_asin(REAL2(z.y, z.x));
  return REAL2(y.y, y.x);
}

precise REAL2 vf_acosh(REAL2 z) {
  REAL2 y = vf_acos(z);
  return REAL2(abs(y.y), vf_copysign(y.x, z.y));
}
#endif

#ifdef USES_COMPLEX_ATAN
// log1p(4 x / ((1 - x)^2 + y^2)) / 4 + i atan2(2 y, (1 - x) (1 + x) - y^2) / 2
precise REAL2 vf_atanh(REAL2 z) {
  REAL x = abs(z.x), y = abs(z.y), a = abs(REAL(1) - x), large = max(a, y), little = min(a, y);
  bool pole = large < REAL(8.8817841970012523e-16f), least = large < REAL(7.8886090522101181e-31f);  // 2^-50, 2^-100
  REAL ratio = little / vf_select(large == REAL(0), REAL(1), large), shape = REAL(1) + ratio * ratio;
  REAL size = large * vf_select(least, REAL(9007199254740992.0f), REAL(1)) * sqrt(shape);  // 2^53
  REAL u = vf_select(pole, REAL(2) / size, REAL(4) * (x / large) / large / shape);
  REAL re = vf_log1p(u) * vf_select(pole, REAL(0.5), REAL(0.25));  // near 1: half the logarithm of 2 / |1 - z|
  re = vf_select(least, re + REAL(26.5) * LN2, re);
  bool far = max(x, y) > REAL(1152921504606846976.0f);  // 2^60
  REAL im = REAL(0.5) * vf_atan2(y + y, (REAL(1) - x) * (REAL(1) + x) - y * y);
  im = vf_select(far, PIO2_HIGH, im);
  re = vf_unless_nan(z, re), im = vf_unless_nan(z, im);
  re = vf_unless_inf(z, REAL(0), vf_select(vf_is_zero(x), x, re));
  im = vf_select(vf_or(is_inf(y), vf_and(is_inf(x), !is_nan(y))), PIO2_HIGH, im);
  return REAL2(vf_copysign(re, z.x), vf_copysign(im, z.y));
}

precise REAL2 vf_atan(REAL2 z) {
  REAL2 y = vf_atanh(REAL2(z.y, z.x));
  return REAL2(y.y, y.x);
}
#endif

#ifdef USES_POW
precise REAL2 vf_pow(REAL2 z, REAL2 power) {
  REAL2 y = vf_exp(complex_multiply(power, vf_log(z)));
  bool real = vf_is_zero(power.y), zero = vf_and(vf_is_zero(z.x), vf_is_zero(z.y));
  REAL of_zero = vf_select(power.x > REAL(0), REAL(0), NAN_OF_REAL);
  bool one = vf_and(real, vf_is_zero(power.x)), itself = vf_and(real, power.x == REAL(1));
  REAL re = vf_select(itself, z.x, vf_select(zero, of_zero, y.x));
  REAL im = vf_select(itself, z.y, vf_select(zero, of_zero, y.y));
  return REAL2(vf_select(one, REAL(1), re), vf_select(one, REAL(0), im));
}
#endif

#undef WAVE_MOST
