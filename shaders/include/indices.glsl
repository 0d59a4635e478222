// Indices of 32 or 64 bits into an axis of n elements, as NumPy takes them: negative ones count from the end.
// The host defines INDEX (int, uint or uvec2), SIGNED_INDEX, and MODE_CLIP, MODE_WRAP or neither.
#ifndef FORGE_INDICES_GLSL
#define FORGE_INDICES_GLSL
#ifndef INDEX
#define INDEX int
#define SIGNED_INDEX
#endif

struct Index {
  bool negative;
  uvec2 magnitude;  // low, high
};

Index parted(int i) { return Index(i < 0, uvec2(i < 0 ? ~uint(i) + 1 : uint(i), 0)); }
Index parted(uint i) { return Index(false, uvec2(i, 0)); }
Index parted(uvec2 i) {
#ifdef SIGNED_INDEX
  if (int(i.y) < 0) return Index(true, uvec2(~i.x + 1, ~i.y + (i.x == 0 ? 1 : 0)));
#endif
  return Index(false, i);
}

bool in_range(Index i, uint n) {
  if (i.magnitude.y != 0) return false;
  return i.negative ? i.magnitude.x <= n : i.magnitude.x < n;
}

// Bit by bit: 64-bit integers are not asked for.
uint remainder(uvec2 x, uint n) {
  uint rest = x.y % n;  // then the lower word shifts in
  for (uint bit = 0; bit < 32; ++bit) {
    bool carry = (rest & 0x80000000u) != 0;
    rest = rest << 1 | x.x >> 31;
    x.x <<= 1;
    rest -= carry || rest >= n ? n : 0;
  }
  return rest;
}

// 0 .. n - 1; without a mode for indices that are in range.
uint resolved(Index i, uint n) {
#if defined(MODE_CLIP)
  if (i.negative) return 0;
  return i.magnitude.y != 0 || i.magnitude.x >= n ? n - 1 : i.magnitude.x;
#elif defined(MODE_WRAP)
  uint rest = remainder(i.magnitude, n);
  return i.negative && rest != 0 ? n - rest : rest;
#else
  return i.negative ? n - i.magnitude.x : i.magnitude.x;
#endif
}
#endif
