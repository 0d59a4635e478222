// Keys of any dtype as unsigned digits in ascending order. The host defines KEY (uint8_t, uint16_t, uint or uvec2), KEY_BITS
// and FLOAT_KEY or SIGNED_KEY; DESCENDING turns the order over. NaN comes last both ways, and -0.0 equals 0.0.
#ifndef FORGE_SORTKEYS_GLSL
#define FORGE_SORTKEYS_GLSL
#include "types.glsl"
#ifndef KEY_BITS
#define KEY uint
#define KEY_BITS 32
#endif

#if KEY_BITS == 64
#define ORDERED uvec2  // low, high
const uvec2 kTop = uvec2(0, 0x80000000u), kAll = uvec2(0xFFFFFFFFu), kNone = uvec2(0), kInfinity = uvec2(0, 0x7FF00000u);
bool above(uvec2 a, uvec2 b) { return a.y > b.y || (a.y == b.y && a.x > b.x); }
#else
#define ORDERED uint
const uint kTop = 1u << (KEY_BITS - 1), kAll = 0xFFFFFFFFu >> (32 - KEY_BITS), kNone = 0;
const uint kInfinity = KEY_BITS == 16 ? 0x7C00u : 0x7F800000u;
bool above(uint a, uint b) { return a > b; }
#endif

ORDERED ordered(KEY key) {
  ORDERED x = ORDERED(key);
#if defined(FLOAT_KEY)
  ORDERED size = x & ~kTop & kAll;
  if (above(size, kInfinity)) return kAll;
  x = size == kNone ? kTop : (x & kTop) != kNone ? ~x & kAll : x | kTop;
#elif defined(SIGNED_KEY)
  x ^= kTop;
#endif
#ifdef DESCENDING
  x = ~x & kAll;
#endif
  return x;
}

// The 8 bits from `shift`, a multiple of 8.
uint digit(KEY key, uint shift) {
#if KEY_BITS == 64
  uvec2 x = ordered(key);
  return (shift < 32 ? x.x : x.y) >> (shift & 31) & 255;
#else
  return ordered(key) >> shift & 255;
#endif
}
#endif
