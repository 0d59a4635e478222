// STEP(first, here): one step of the transforms of rows `first` .. `first + here - 1`, which lie in shared memory between the
// first step and the last. Decimation in frequency, in place: before this step a row is DONE lines, each transformed apart; a
// thread transforms RADIX values of a line, RADIX times as many lines are left. The last step puts all in order.
#include "butterfly.glsl"

void STEP(uint first, uint here) {
  const uint kRest = LENGTH / (DONE * RADIX), kEach = LENGTH / RADIX;
#if GROUP * LENGTH / RADIX > THREADS
  for (uint b = gl_LocalInvocationIndex; b < here * kEach; b += THREADS) {
#else
  uint b = gl_LocalInvocationIndex;
  if (b < here * kEach) {
#endif
    uint row = b / kEach, u = b % kEach;
#if DONE * RADIX == LENGTH  // u counts in the order of what comes out
    uint rest = 0, line = DONE == RADIX_0 ? u : u % RADIX_0 * RADIX_1 + u / RADIX_0;
#else
    uint rest = u % kRest, line = u / kRest;
#endif
    uint start = row * LENGTH + line * (RADIX * kRest) + rest;
    [[unroll]] for (uint k = 0; k < RADIX; ++k) {
#if DONE == 1
      uint at = rest + k * kRest;
      x[k] = conjugate_if((conjugations & 1u) != 0u, fetch((first + row) * in_pitch, at, at, 0));
#ifdef MULTIPLY_IN
      x[k] = times(x[k], unpacked(in_factors.at[at]));
#endif
#else
      x[k] = unpacked(kept[cell(start + k * kRest)]);
#endif
    }
    TRANSFORM();
#if DONE * RADIX == LENGTH
    [[unroll]] for (uint j = 0; j < FIRST; ++j)
      [[unroll]] for (uint i = 0; i < SECOND; ++i) put_last(first + row, u + DONE * (j + FIRST * i), x[j * SECOND + i]);
#else
    COMPLEX w[RADIX];  // the powers w^1, w^2, w^4, ... are read, the others are products of two
    [[unroll]] for (uint k = 1; k < RADIX; ++k) {
      uint high = uint(findMSB(k)), low = k - (1u << high);
      w[k] = unpacked(TWIDDLES.at[high * kRest + rest]);
      if (low != 0) w[k] = times(w[1u << high], w[low]);
    }
    [[unroll]] for (uint j = 0; j < FIRST; ++j) {
      [[unroll]] for (uint i = 0; i < SECOND; ++i) {
        uint k = j + FIRST * i;
        COMPLEX value = x[j * SECOND + i];
        kept[cell(start + k * kRest)] = packed(k == 0 ? value : times(value, w[k]));
      }
    }
#endif
  }
}
#undef STEP
#undef DONE
#undef RADIX
#undef FIRST
#undef SECOND
#undef ROOTS
#undef TWIDDLES
#undef TRANSFORM
#undef FIRST_LEAF
#undef SECOND_LEAF
#undef KEPT_ROOTS
