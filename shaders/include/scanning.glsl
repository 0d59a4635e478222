// What both forms of scan share: the order of elements, what a word brings in and how results are stored.
// REVERSE: from the end of each part. OUT_STATE: results are states. EXCLUSIVE: an element's own value is left out.
#ifndef FORGE_SCANNING_GLSL
#define FORGE_SCANNING_GLSL
#include "combine.glsl"

#ifdef REVERSE
#define ORDER(i, count) ((count) - 1 - (i))
#else
#define ORDER(i, count) (i)
#endif

#ifdef IN_STATE
STATE take(STATE word, uint i) { return word; }
#else
STATE take(WORD word, uint i) { return element(word, i); }
#endif

#ifdef OUT_STATE
#define RESULT STATE
#else
#define RESULT OUT
#endif

#ifdef WIDE  // 16 bytes of elements become WORDS_OUT times 16 bytes of results
#define RESULT_STORED STORED
#define OUT_PER (PER / WORDS_OUT)
uint bits(float x) { return floatBitsToUint(x); }
uint bits(int x) { return uint(x); }
uint bits(uint x) { return x; }
uvec2 bits(vec2 x) { return floatBitsToUint(x); }
uvec2 bits(uvec2 x) { return x; }
#ifdef LANES_INT64
uvec2 bits(int64_t x) { return uvec2(unpackInt2x32(x)); }
uvec2 bits(uint64_t x) { return unpackUint2x32(x); }
#endif
#ifdef LANES_FLOAT64
uvec2 bits(double x) { return unpackDouble2x32(x); }
#endif
#if OUT_BYTES == 4
uvec4 packed(RESULT r[4]) { return uvec4(bits(r[0]), bits(r[1]), bits(r[2]), bits(r[3])); }
#else
uvec4 packed(RESULT r[2]) { return uvec4(bits(r[0]), bits(r[1])); }
#endif
#else
#define RESULT_STORED RESULT
#define WORDS_OUT 1
#endif
#endif
