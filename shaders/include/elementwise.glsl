// What the table of elementwise operations (forge/array/fuse/elementwise.def) calls and GLSL lacks, or leaves undefined.
// The host defines USES_INT64 and USES_FLOAT64 where a kernel holds such values: each costs a device capability.
#ifndef FORGE_ELEMENTWISE_GLSL
#define FORGE_ELEMENTWISE_GLSL

#define FOR_SIGNED(T, BITS, U)                                                                        \
  T floor_divide(T a, T b) { /* 0 for 0, as NumPy; the smallest by -1 overflows to itself */          \
    if (b == T(0)) return T(0);                                                                       \
    if (b == T(-1)) return T(0) - a;                                                                  \
    T q = a / b;                                                                                      \
    return q - T(q * b != a && (a < T(0)) != (b < T(0)));                                             \
  }                                                                                                   \
  T remainder(T a, T b) { return b == T(0) ? T(0) : a - floor_divide(a, b) * b; }                     \
  T magnitude(T a) { return a < T(0) ? T(0) - a : a; }                                                \
  T sign_of(T a) { return T(a > T(0)) - T(a < T(0)); }                                                \
  T shift_left(T a, T b) { return U(b) >= U(BITS) ? T(0) : a << int(b); }                             \
  T shift_right(T a, T b) { return a >> int(U(b) >= U(BITS) ? U(BITS - 1) : U(b)); }                  \
  T whole_power(T a, T b) { /* squares, whatever overflows; to a negative power 0, 1 or -1 */         \
    if (b < T(0)) return a == T(1) ? a : a == T(-1) ? ((b & T(1)) == T(0) ? T(1) : a) : T(0);         \
    T power = T(1);                                                                                   \
    for (int i = 0; i < BITS && b != T(0); ++i, b >>= 1, a *= a)                                      \
      if ((b & T(1)) != T(0)) power *= a;                                                             \
    return power;                                                                                     \
  }

#define FOR_UNSIGNED(T, BITS)                                                                         \
  T floor_divide(T a, T b) { return b == T(0) ? T(0) : a / b; }                                       \
  T remainder(T a, T b) { return b == T(0) ? T(0) : a - a / b * b; }                                  \
  T magnitude(T a) { return a; }                                                                      \
  T sign_of(T a) { return T(a > T(0)); }                                                              \
  T shift_left(T a, T b) { return b >= T(BITS) ? T(0) : a << int(b); }                                \
  T shift_right(T a, T b) { return b >= T(BITS) ? T(0) : a >> int(b); }                               \
  T whole_power(T a, T b) {                                                                           \
    T power = T(1);                                                                                   \
    for (int i = 0; i < BITS && b != T(0); ++i, b >>= 1, a *= a)                                      \
      if ((b & T(1)) != T(0)) power *= a;                                                             \
    return power;                                                                                     \
  }

// NaN and signs are read from the bits: drivers may take comparisons with NaN for granted.
#define FOR_FLOAT(T)                                                                                  \
  T minimum(T a, T b) { return is_nan(a) || a < b ? a : b; }                                          \
  T maximum(T a, T b) { return is_nan(a) || a > b ? a : b; }                                          \
  T sign_of(T a) { return is_nan(a) ? a : T(a > T(0)) - T(a < T(0)); }

bool is_nan(float a) { return (floatBitsToUint(a) & 0x7FFFFFFFu) > 0x7F800000u; }
bool is_inf(float a) { return (floatBitsToUint(a) & 0x7FFFFFFFu) == 0x7F800000u; }
bool is_finite(float a) { return (floatBitsToUint(a) & 0x7F800000u) != 0x7F800000u; }
bool has_sign(float a) { return floatBitsToUint(a) >> 31 != 0u; }

// The nearest half float, ties to even, in integers: drivers leave out conversions there and back.
float half_rounded(float a) {
  uint bits = floatBitsToUint(a), size = bits & 0x7FFFFFFFu;
  if (size >= 0x7F800000u) return a;
  if (size >= 0x477FF000u) return uintBitsToFloat((bits & 0x80000000u) | 0x7F800000u);  // 65520 and above
  if (size < 0x38800000u) return roundEven(a * 16777216.0) * (1.0 / 16777216.0);  // subnormal: multiples of 2^-24
  return uintBitsToFloat((bits + 0xFFFu + (bits >> 13 & 1u)) & ~0x1FFFu);
}

FOR_SIGNED(int, 32, uint)
FOR_UNSIGNED(uint, 32)
FOR_FLOAT(float)

#ifdef USES_INT64
FOR_SIGNED(int64_t, 64, uint64_t)
FOR_UNSIGNED(uint64_t, 64)
#endif

#ifdef USES_FLOAT64
bool is_nan(double a) {
  uvec2 bits = unpackDouble2x32(a);
  uint high = bits.y & 0x7FFFFFFFu;
  return high > 0x7FF00000u || (high == 0x7FF00000u && bits.x != 0u);
}
bool is_inf(double a) { return (unpackDouble2x32(a) & uvec2(~0u, 0x7FFFFFFFu)) == uvec2(0u, 0x7FF00000u); }
bool is_finite(double a) { return (unpackDouble2x32(a).y & 0x7FF00000u) != 0x7FF00000u; }
bool has_sign(double a) { return unpackDouble2x32(a).y >> 31 != 0u; }
FOR_FLOAT(double)

// By way of a float that ends in a one bit where digits were cut off: so nothing is rounded twice.
float half_rounded(double a) {
  if (is_nan(a)) return float(a);
  uvec2 bits = unpackDouble2x32(a);
  float cut = float(packDouble2x32(uvec2(bits.x & 0xE0000000u, bits.y)));  // 24 binary digits
  uint odd = uint(is_finite(cut) && (bits.x & 0x1FFFFFFFu) != 0u);
  return half_rounded(uintBitsToFloat(floatBitsToUint(cut) | odd));
}
#endif

#ifdef USES_COMPLEX
// Products and quotients round each part by itself. Division scales by the larger part of the divisor (Smith, 1962), and
// absolute values by the larger part, so that neither overflows before its result does.
#define FOR_COMPLEX(T, V)                                                                             \
  V complex_of(T re, T im) { return V(re, im); }                                                      \
  V complex_multiply(V a, V b) {                                                                      \
    precise T re = a.x * b.x - a.y * b.y;                                                             \
    precise T im = a.x * b.y + a.y * b.x;                                                             \
    return V(re, im);                                                                                 \
  }                                                                                                   \
  V complex_divide(V a, V b) {                                                                        \
    bool first = abs(b.x) >= abs(b.y);                                                                 \
    T large = first ? b.x : b.y, little = first ? b.y : b.x;                                            \
    precise T ratio = large == T(0) ? T(0) : little / large; /* 0 / 0: as reals divide */             \
    precise T scale = large + little * ratio;                                                         \
    precise T re = first ? a.x + a.y * ratio : a.x * ratio + a.y;                                      \
    precise T im = first ? a.y - a.x * ratio : a.y * ratio - a.x;                                      \
    return V(re / scale, im / scale);                                                                 \
  }                                                                                                   \
  T complex_abs(V a) {                                                                                \
    if (is_inf(a.x) || is_inf(a.y)) return abs(is_inf(a.x) ? a.x : a.y);                              \
    if (is_nan(a.x) || is_nan(a.y)) return is_nan(a.x) ? a.x : a.y;                                   \
    T large = max(abs(a.x), abs(a.y)), little = min(abs(a.x), abs(a.y));                              \
    if (large == T(0)) return large;                                                                  \
    precise T ratio = little / large;                                                                 \
    precise T root = sqrt(T(1) + ratio * ratio);                                                      \
    return large * root;                                                                              \
  }                                                                                                   \
  V complex_sign(V a) {                                                                               \
    T size = complex_abs(a);                                                                          \
    return size == T(0) ? a : V(a.x / size, a.y / size);                                              \
  }                                                                                                   \
  V complex_round(V a) { return V(roundEven(a.x), roundEven(a.y)); }                                  \
  V complex_conj(V a) { return V(a.x, -a.y); }

FOR_COMPLEX(float, vec2)
#ifdef USES_FLOAT64
FOR_COMPLEX(double, dvec2)
#endif
#endif
#endif
