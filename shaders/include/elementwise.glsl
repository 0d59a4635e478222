// What the table of elementwise operations (forge/array/fuse/elementwise.def) calls and GLSL lacks, or leaves undefined.
// The host defines USES_INT64 and USES_FLOAT64 where a kernel holds such values: each costs a device capability.
// vf_select, vf_or and vf_and take both sides of a choice as values: ?:, || and && of anything but names become branches, which
// CPU drivers run anyway, and SwiftShader takes minutes for when loops with several are unrolled.
#ifndef FORGE_ELEMENTWISE_GLSL
#define FORGE_ELEMENTWISE_GLSL

bool vf_or(bool a, bool b) { return a || b; }
bool vf_and(bool a, bool b) { return a && b; }
int vf_select(bool condition, int a, int b) { return condition ? a : b; }
uint vf_select(bool condition, uint a, uint b) { return condition ? a : b; }
float vf_select(bool condition, float a, float b) { return condition ? a : b; }
#ifdef USES_INT64
int64_t vf_select(bool condition, int64_t a, int64_t b) { return condition ? a : b; }
uint64_t vf_select(bool condition, uint64_t a, uint64_t b) { return condition ? a : b; }
#endif
#ifdef USES_FLOAT64
double vf_select(bool condition, double a, double b) { return condition ? a : b; }
#endif

#define FOR_UNSIGNED(T, BITS)                                                                         \
  T floor_divide(T a, T b) { return vf_select(b == T(0), T(0), a / max(b, T(1))); }                   \
  T remainder(T a, T b) { return vf_select(b == T(0), T(0), a - a / max(b, T(1)) * b); }              \
  T magnitude(T a) { return a; }                                                                      \
  T sign_of(T a) { return T(a > T(0)); }                                                              \
  T shift_left(T a, T b) { return vf_select(b >= T(BITS), T(0), a << int(b & T(BITS - 1))); }         \
  T shift_right(T a, T b) { return vf_select(b >= T(BITS), T(0), a >> int(b & T(BITS - 1))); }        \
  T whole_power(T a, T b) { /* squares, whatever overflows */                                         \
    T power = T(1);                                                                                   \
    for (; b != T(0); b >>= 1, a *= a) power *= vf_select((b & T(1)) != T(0), a, T(1));               \
    return power;                                                                                     \
  }

// Divisors 0 and -1 become 1: some processors trap at them.
#define FOR_SIGNED(T, BITS, U)                                                                        \
  T safe_divisor(T b) { return vf_select(vf_or(b == T(0), b == T(-1)), T(1), b); }                    \
  T floor_divide(T a, T b) { /* 0 for 0, as NumPy; the smallest by -1 overflows to itself */          \
    T divisor = safe_divisor(b), q = a / divisor;                                                     \
    q -= T(vf_and(q * divisor != a, (a < T(0)) != (b < T(0))));                                       \
    q = vf_select(b == T(-1), T(0) - a, q);                                                           \
    return vf_select(b == T(0), T(0), q);                                                             \
  }                                                                                                   \
  T remainder(T a, T b) {                                                                             \
    T divisor = safe_divisor(b), r = a - a / divisor * divisor;                                       \
    return r + vf_select(vf_and(r != T(0), (r < T(0)) != (b < T(0))), b, T(0));                       \
  }                                                                                                   \
  T magnitude(T a) { return vf_select(a < T(0), T(0) - a, a); }                                       \
  T sign_of(T a) { return T(a > T(0)) - T(a < T(0)); }                                                \
  T shift_left(T a, T b) { return vf_select(U(b) >= U(BITS), T(0), a << int(b & T(BITS - 1))); }      \
  T shift_right(T a, T b) { return a >> int(min(U(b), U(BITS - 1))); }                                \
  T whole_power(T a, T b) { /* to a negative power 0, 1 or -1 */                                      \
    T power = T(whole_power(U(a), U(magnitude(b))));                                                  \
    return vf_select(vf_and(b < T(0), magnitude(a) != T(1)), T(0), power);                            \
  }

// NaN and signs are read from the bits: drivers may take comparisons with NaN for granted.
#define FOR_FLOAT(T)                                                                                  \
  T minimum(T a, T b) { return vf_select(vf_or(is_nan(a), a < b), a, b); }                            \
  T maximum(T a, T b) { return vf_select(vf_or(is_nan(a), a > b), a, b); }                            \
  T sign_of(T a) { return vf_select(is_nan(a), a, T(a > T(0)) - T(a < T(0))); }

bool is_nan(float a) { return (floatBitsToUint(a) & 0x7FFFFFFFu) > 0x7F800000u; }
bool is_inf(float a) { return (floatBitsToUint(a) & 0x7FFFFFFFu) == 0x7F800000u; }
bool is_finite(float a) { return (floatBitsToUint(a) & 0x7F800000u) != 0x7F800000u; }
bool has_sign(float a) { return floatBitsToUint(a) >> 31 != 0u; }
float vf_trunc(float a) { return trunc(a); }
float vf_nearest(float a) { return roundEven(a); }

// The nearest half float, ties to even, in integers: drivers leave out conversions there and back.
float half_rounded(float a) {
  uint bits = floatBitsToUint(a), size = bits & 0x7FFFFFFFu;
  uint rounded = (bits + 0xFFFu + (bits >> 13 & 1u)) & ~0x1FFFu;
  rounded = vf_select(size >= 0x477FF000u, (bits & 0x80000000u) | 0x7F800000u, rounded);  // 65520 and above
  float small = roundEven(a * 16777216.0f) * (1.0f / 16777216.0f), y = uintBitsToFloat(rounded);
  y = vf_select(size < 0x38800000u, small, y);  // subnormal: multiples of 2^-24
  return vf_select(size >= 0x7F800000u, a, y);
}

// The nearest float whose lower half is zero, ties to even; a NaN stays one.
float brain_rounded(float a) {
  uint bits = floatBitsToUint(a);
  uint rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) & ~0xFFFFu;
  rounded = vf_select((bits & 0x7FFFFFFFu) > 0x7F800000u, (bits | 0x400000u) & ~0xFFFFu, rounded);
  return uintBitsToFloat(rounded);
}

FOR_UNSIGNED(uint, 32)
FOR_SIGNED(int, 32, uint)
FOR_FLOAT(float)

#ifdef USES_INT64
FOR_UNSIGNED(uint64_t, 64)
FOR_SIGNED(int64_t, 64, uint64_t)
#endif

#ifdef USES_FLOAT64
bool is_nan(double a) {
  uvec2 bits = unpackDouble2x32(a);
  return ((bits.y & 0x7FFFFFFFu) | uint(bits.x != 0u)) > 0x7FF00000u;
}
bool is_inf(double a) {
  uvec2 bits = unpackDouble2x32(a);
  return (bits.x | ((bits.y & 0x7FFFFFFFu) ^ 0x7FF00000u)) == 0u;
}
bool is_finite(double a) { return (unpackDouble2x32(a).y & 0x7FF00000u) != 0x7FF00000u; }
bool has_sign(double a) { return unpackDouble2x32(a).y >> 31 != 0u; }
// lavapipe's trunc and roundEven take every double beyond 2^24 for a whole number, unless the processor has AVX-512.
double vf_trunc(double a) {
  double down = floor(a), up = ceil(a);
  return has_sign(a) ? up : down;
}
precise double vf_nearest(double a) {
  double size = abs(a), near = (size + 4503599627370496.0lf) - 4503599627370496.0lf;  // 2^52: no room for a fraction
  near = size < 4503599627370496.0lf ? near : size;
  return has_sign(a) ? -near : near;
}
FOR_FLOAT(double)

// A float that ends in a one bit where digits were cut off: rounded further, nothing is rounded twice.
float cut_short(double a) {
  uvec2 bits = unpackDouble2x32(a);
  float cut = float(packDouble2x32(uvec2(bits.x & 0xE0000000u, bits.y)));  // 24 binary digits
  uint odd = uint(vf_and(is_finite(cut), (bits.x & 0x1FFFFFFFu) != 0u));
  return vf_select(is_nan(a), float(a), uintBitsToFloat(floatBitsToUint(cut) | odd));
}
float half_rounded(double a) { return half_rounded(cut_short(a)); }
float brain_rounded(double a) { return brain_rounded(cut_short(a)); }
#endif

#ifdef USES_COMPLEX
// Products and quotients round each part by itself. Division scales by the larger part of the divisor (Smith, 1962), and
// absolute values by the larger part, so that neither overflows before its result does.
#define FOR_COMPLEX(T, V)                                                                             \
  bool complex_is_nan(V a) { return vf_or(is_nan(a.x), is_nan(a.y)); }                                \
  bool complex_is_inf(V a) { return vf_or(is_inf(a.x), is_inf(a.y)); }                                \
  bool complex_is_finite(V a) { return vf_and(is_finite(a.x), is_finite(a.y)); }                      \
  V complex_of(T re, T im) { return V(re, im); }                                                      \
  V complex_multiply(V a, V b) {                                                                      \
    precise T re = a.x * b.x - a.y * b.y;                                                             \
    precise T im = a.x * b.y + a.y * b.x;                                                             \
    return V(re, im);                                                                                 \
  }                                                                                                   \
  V complex_divide(V a, V b) {                                                                        \
    bool first = abs(b.x) >= abs(b.y);                                                                \
    T large = vf_select(first, b.x, b.y), little = vf_select(first, b.y, b.x);                        \
    precise T quotient = little / large;                                                              \
    precise T ratio = vf_select(large == T(0), T(0), quotient); /* 0 / 0: as reals divide */          \
    precise T scale = large + little * ratio;                                                         \
    T one = vf_select(first, a.x, a.y), other = vf_select(first, a.y, a.x);                           \
    precise T re = one + other * ratio;                                                               \
    precise T product = one * ratio;                                                                  \
    precise T im = vf_select(first, other, product) - vf_select(first, product, other);               \
    return V(re / scale, im / scale);                                                                 \
  }                                                                                                   \
  T complex_abs(V a) {                                                                                \
    T x = abs(a.x), y = abs(a.y), large = max(x, y), little = min(x, y);                              \
    precise T ratio = little / vf_select(large == T(0), T(1), large);                                 \
    precise T root = sqrt(T(1) + ratio * ratio);                                                      \
    precise T product = large * root;                                                                 \
    T size = vf_select(is_nan(x), x, vf_select(is_nan(y), y, product));                               \
    return vf_select(is_inf(x), x, vf_select(is_inf(y), y, size));                                    \
  }                                                                                                   \
  V complex_sign(V a) {                                                                               \
    T size = complex_abs(a), by = vf_select(size == T(0), T(1), size);                                \
    return V(a.x / by, a.y / by);                                                                     \
  }                                                                                                   \
  V complex_round(V a) { return V(vf_nearest(a.x), vf_nearest(a.y)); }                                \
  V complex_conj(V a) { return V(a.x, -a.y); }

FOR_COMPLEX(float, vec2)
#ifdef USES_FLOAT64
FOR_COMPLEX(double, dvec2)
#endif
#endif
#endif
