// The transform of SIZE values x[base + i * stride], in place and in order; ROOT(k) is exp(-2 pi i k / SIZE).
// Included once for each factor of a radix, with NAME, SIZE and ROOT.
void NAME(uint base, uint stride) {
#if SIZE == 2
  COMPLEX a = x[base], b = x[base + stride];
  x[base] = a + b;
  x[base + stride] = a - b;
#elif SIZE == 4 || SIZE == 8
  const uint s = stride * (SIZE / 4);
  COMPLEX a = x[base] + x[base + 2 * s], b = x[base] - x[base + 2 * s];
  COMPLEX c = x[base + s] + x[base + 3 * s], d = times_i(x[base + 3 * s] - x[base + s]);
#if SIZE == 4
  x[base] = a + c;
  x[base + s] = b + d;
  x[base + 2 * s] = a - c;
  x[base + 3 * s] = b - d;
#else
  const uint o = base + stride;  // the odd half
  COMPLEX e = x[o] + x[o + 2 * s], f = x[o] - x[o + 2 * s];
  COMPLEX g = x[o + s] + x[o + 3 * s], h = times_i(x[o + 3 * s] - x[o + s]);
  COMPLEX even[4] = COMPLEX[4](a + c, b + d, a - c, b - d);
  COMPLEX odd[4] = COMPLEX[4](e + g, f + h, e - g, f - h);
  const REAL kHalf = ROOT(1).x;  // sqrt(1/2)
  odd[1] = COMPLEX(odd[1].x + odd[1].y, odd[1].y - odd[1].x) * kHalf;
  odd[2] = COMPLEX(odd[2].y, -odd[2].x);
  odd[3] = COMPLEX(odd[3].y - odd[3].x, -odd[3].x - odd[3].y) * kHalf;
  [[unroll]] for (uint i = 0; i < 4; ++i) {
    x[base + i * stride] = even[i] + odd[i];
    x[base + (i + 4) * stride] = even[i] - odd[i];
  }
#endif
#elif SIZE > 2
  // An odd prime: pairs from both ends share their cosines, and their sines but for the sign.
  const uint kPairs = (SIZE - 1) / 2;
  COMPLEX sum[kPairs], difference[kPairs], first = x[base], total = first;
  [[unroll]] for (uint i = 0; i < kPairs; ++i) {
    COMPLEX a = x[base + (i + 1) * stride], b = x[base + (SIZE - 1 - i) * stride];
    sum[i] = a + b;
    difference[i] = a - b;
    total += sum[i];
  }
  x[base] = total;
  [[unroll]] for (uint k = 1; k <= kPairs; ++k) {
    COMPLEX even = first, odd = COMPLEX(0);
    [[unroll]] for (uint i = 0; i < kPairs; ++i) {
      even += sum[i] * ROOT((i + 1) * k % SIZE).x;
      odd += difference[i] * ROOT((i + 1) * k % SIZE).y;
    }
    odd = times_i(odd);
    x[base + k * stride] = even + odd;
    x[base + (SIZE - k) * stride] = even - odd;
  }
#endif
}
