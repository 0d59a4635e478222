// TRANSFORM(): the transform of x[0 .. RADIX - 1] in registers; x[j * SECOND + i] becomes value j + FIRST * i.
// Included once for each radix of a kernel. RADIX = FIRST * SECOND; ROOTS: exp(-2 pi i k / RADIX), written out by the host;
// FIRST_LEAF, SECOND_LEAF and KEPT_ROOTS are names.
const COMPLEX KEPT_ROOTS[RADIX] = COMPLEX[RADIX](ROOTS);
#define NAME FIRST_LEAF
#define SIZE FIRST
#define ROOT(k) KEPT_ROOTS[(k) * SECOND]
#include "leaf.glsl"
#undef NAME
#undef SIZE
#undef ROOT
#define NAME SECOND_LEAF
#define SIZE SECOND
#define ROOT(k) KEPT_ROOTS[(k) * FIRST]
#include "leaf.glsl"
#undef NAME
#undef SIZE
#undef ROOT

void TRANSFORM() {
  [[unroll]] for (uint i = 0; i < SECOND; ++i) FIRST_LEAF(i, SECOND);
#if SECOND > 1
  [[unroll]] for (uint j = 1; j < FIRST; ++j)
    [[unroll]] for (uint i = 1; i < SECOND; ++i) x[j * SECOND + i] = times(x[j * SECOND + i], KEPT_ROOTS[i * j]);
  [[unroll]] for (uint j = 0; j < FIRST; ++j) SECOND_LEAF(j * SECOND, 1);
#endif
}
