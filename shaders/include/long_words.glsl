// Words of memory as integers of 64 bits, for drivers that access it lane by lane: `taken` gives their elements of four bytes,
// `given` makes words of them.
#ifndef FORGE_LONG_WORDS_GLSL
#define FORGE_LONG_WORDS_GLSL
#include "types.glsl"

uvec4 taken(u64vec2 w) { return uvec4(unpackUint2x32(w.x), unpackUint2x32(w.y)); }
u64vec2 given(uvec4 w) { return u64vec2(packUint2x32(w.xy), packUint2x32(w.zw)); }

uint[8] taken(u64vec4 w) {
  uvec4 low = taken(w.xy), high = taken(w.zw);
  return uint[8](low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w);
}
u64vec4 given(uint[8] w) {
  return u64vec4(given(uvec4(w[0], w[1], w[2], w[3])), given(uvec4(w[4], w[5], w[6], w[7])));
}
#endif
