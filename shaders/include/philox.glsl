// Random words and numbers for any kernel, the same bits on every device: Philox4x32-10 (Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", 2011). docs/random.md has the same in NumPy.
//
//   uvec4 words = philox(uvec4(i, 0, 0, 0), uvec2(seed, 0));  // four words for each counter; any counter, any order
//   float u = philox_uniform(words.x);                        // [0, 1), multiples of 2^-24
//   float z = philox_normal(words.y);                         // mean 0, variance 1
#ifndef FORGE_PHILOX
#define FORGE_PHILOX

uvec4 philox_round(uvec4 c, uvec2 key) {
  uint high0, low0, high1, low1;
  umulExtended(0xD2511F53u, c.x, high0, low0);
  umulExtended(0xCD9E8D57u, c.z, high1, low1);
  return uvec4(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
}

uvec4 philox(uvec4 counter, uvec2 key) {
  const uvec2 kStep = uvec2(0x9E3779B9u, 0xBB67AE85u);
  for (uint i = 0; i < 10; ++i) counter = philox_round(counter, key + kStep * i);
  return counter;
}

float philox_uniform(uint word) { return float(word >> 8) * 5.9604644775390625e-8; }  // 2^-24

// The normal distribution by its inverse. Only sums, products and integer steps, each rounded once (`precise` forbids
// fused ones), so that every device gives the same bits; drivers' own log and sqrt differ.

// 2^-32 times an odd word. In halves: how a device rounds a whole one is its own affair.
float philox_fraction(uint odd) {
  precise float value = float(odd >> 16) * 1.52587890625e-5 + float(odd & 0xFFFFu) * 2.3283064365386963e-10;
  return value;
}

// log2(1 + t) / t for 1 + t in [sqrt(1/2), sqrt(2)]; 5e-9.
float philox_log2_over(float t) {
  precise float sum = -0.107497893;
  sum = sum * t + 0.184760332;
  sum = sum * t - 0.191388384;
  sum = sum * t + 0.204857647;
  sum = sum * t - 0.239608124;
  sum = sum * t + 0.288552552;
  sum = sum * t - 0.360696554;
  sum = sum * t + 0.480898529;
  sum = sum * t - 0.721347332;
  sum = sum * t + 1.44269502;
  return sum;
}

float philox_log2(float y) {
  uint bits = floatBitsToUint(y) + 0x4AFB0Du;  // 1.0 less sqrt(1/2)
  precise float t = uintBitsToFloat((bits & 0x7FFFFFu) + 0x3F3504F3u) - 1.0;
  precise float value = float(int(bits >> 23) - 127) + t * philox_log2_over(t);
  return value;
}

// z / x as a function of w = -log2(1 - x^2), where x = erf(z / sqrt(2)): w in [0, 8], then in [8, 32]; 4e-8.
float philox_centre(float u) {
  precise float sum = -9.74228169e-05;
  sum = sum * u + 3.10497308e-05;
  sum = sum * u + 0.000845030008;
  sum = sum * u - 0.0016641753;
  sum = sum * u - 0.00227289717;
  sum = sum * u + 0.0174021218;
  sum = sum * u - 0.0307375584;
  sum = sum * u - 0.05550896;
  sum = sum * u + 0.957128644;
  sum = sum * u + 2.21791983;
  return sum;
}

float philox_tail(float u) {
  precise float sum = -0.000490722538;
  sum = sum * u + 0.000944699044;
  sum = sum * u - 8.26351024e-05;
  sum = sum * u - 0.000686388463;
  sum = sum * u + 0.0008201772;
  sum = sum * u - 0.00294914702;
  sum = sum * u + 0.00911261979;
  sum = sum * u - 0.0240671039;
  sum = sum * u + 0.0678936318;
  sum = sum * u - 0.235160232;
  sum = sum * u + 1.59319139;
  sum = sum * u + 5.03540802;
  return sum;
}

float philox_normal(uint word) {
  uint odd = (word << 1) | 1u;                       // the top bit of the word is the sign
  precise float x = philox_fraction(~odd + 1u);      // 1 - p, where p is the chance of more than |z|
  precise float p = philox_fraction(odd);
  precise float w = -philox_log2(p * (1.0 + x));     // 1 - x^2
  precise float near = (w - 4.0) * 0.25, far = (w - 20.0) * 0.0833333358;
  precise float z = x * (w < 8.0 ? philox_centre(near) : philox_tail(far));
  return (word >> 31) != 0u ? -z : z;
}

#endif
