// forge: template
// Counts elements by bin. PRIVATE_COUNTERS: each lane counts alone in shared memory; SHARED_COUNTERS: a workgroup counts by
// atomics in shared memory; else by atomics in the result.
#version 450
#include "team.glsl"
#include "elements.glsl"

layout(binding = 0, scalar) readonly buffer Source { WORD at[]; } source;
layout(binding = 1, scalar) readonly buffer Edges { ACC at[]; } edges;
layout(binding = 2, scalar) buffer Counts { uint at[]; } counts;

layout(push_constant, scalar) uniform Push {
  uint extent;       // words
  uint strip;        // words of a team
  uint first;        // word
  uint bins;
  float scale;       // bins / (last - first edge)
  float doubt;       // a guess closer to an edge than this part of a bin is looked up
};

#ifndef MOST_BINS
#define MOST_BINS 256
#endif
#define NOWHERE 0xFFFFFFFFu  // this bin and the one after the last hold what lies outside, and count for nothing
#if defined(PRIVATE_COUNTERS)
#define SLOTS (MOST_BINS + 2)
shared uint counters[SLOTS * LANES * TEAMS];
uint slot_of(uint bin) { return (team_index() * SLOTS + (bin + 1)) * LANES + lane_index(); }
void count_one(uint bin) { counters[slot_of(bin)] += 1; }
#elif defined(SHARED_COUNTERS)
shared uint counters[MOST_BINS];
void count_one(uint bin) {
  if (bin < bins) atomicAdd(counters[bin], 1);
}
#else
void count_one(uint bin) {
  if (bin < bins) atomicAdd(counts.at[bin], 1);
}
#endif

#ifdef DIRECT  // an element is its bin
void count(ACC x) { count_one(uint(x)); }
#else
ACC low, high;

uint looked_up(ACC x, uint bin) {
#ifdef UNEVEN
  uint above = bins;
  for (bin = 0; above - bin > 1;) {
    uint middle = (bin + above) / 2;
    if (x >= edges.at[middle]) bin = middle; else above = middle;
  }
#elif defined(GUESSED)  // which is no further off than one
  if (bin > 0 && x < edges.at[bin])
    --bin;
  else if (bin + 1 < bins && x >= edges.at[bin + 1])
    ++bin;
#else
  while (bin > 0 && x < edges.at[bin]) --bin;
  while (bin + 1 < bins && x >= edges.at[bin + 1]) ++bin;
#endif
  return bin;
}

float guess_of(ACC x) {
#ifdef DISTANCE_UNSIGNED  // exact where the difference would overflow
  return float(DISTANCE_UNSIGNED(x) - DISTANCE_UNSIGNED(low)) * scale;
#else
  return float(x - low) * scale;
#endif
}

void count(ACC x) {
  if (!(x >= low && x <= high)) return;  // and NaN
  float guess = guess_of(x);
  uint bin = min(uint(guess), bins - 1);
  float into = guess - float(bin);
#ifndef UNEVEN
  if (into < doubt || into > 1.0 - doubt)
#endif
    bin = looked_up(x, bin);
  count_one(bin);
}
#endif

#ifdef GUESSED
struct Guess {
  uint bin;
  bool clear;  // of the edges; false for NaN
};

// The nearest whole number to guess - 1/2 is the bin. Adding 2^23 + 1 rounds to it and leaves it in the low bits, where a
// conversion costs a CPU driver more than all the rest.
Guess guess(ACC x) {
  float from_middle = min(max(guess_of(x) - 0.5, -1.0), float(bins));
  precise float whole = from_middle + 8388609.0;
  precise float middle = whole - 8388609.0;
  return Guess(floatBitsToUint(whole) - 0x4B000001u, abs(from_middle - middle) <= 0.5 - doubt);
}

// A CPU driver walks through a branch that no lane takes; words with a value in doubt are marked, and seen again later.
uint count_some(uint at, uint end) {
  uint marks = 0, base = at;
  for (uint i = 0; i < 32 && at < end; ++i, at += LANES) {
    WORD word = source.at[at];
    bool clear = true;
    [[unroll]] for (uint j = 0; j < PER; ++j) {
      Guess of = guess(element(word, j));
      count_one(of.clear ? of.bin : NOWHERE);
      clear = clear && of.clear;
    }
    marks |= clear ? 0 : 1u << i;
  }
  for (; marks != 0; marks &= marks - 1) {
    WORD word = source.at[base + uint(findLSB(marks)) * LANES];
    [[unroll]] for (uint j = 0; j < PER; ++j)
      if (!guess(element(word, j)).clear) count(element(word, j));
  }
  return at;
}
#endif

void main() {
#ifdef SHARED_COUNTERS
  for (uint b = gl_LocalInvocationIndex; b < bins; b += gl_WorkGroupSize.x) counters[b] = 0;
  barrier();
#endif
#ifdef PRIVATE_COUNTERS
  for (uint b = 0; b < bins; ++b) counters[slot_of(b)] = 0;
#endif
#ifndef DIRECT
  low = edges.at[0];
  high = edges.at[bins];
#endif
  uint team = team_number();
  uint end = first + min(team * strip + strip, extent);
  if (team * strip < extent)
    for (uint at = first + team * strip + lane_index(); at < end;) {
#ifdef GUESSED
      at = count_some(at, end);
#else
      WORD word = source.at[at];
      [[unroll]] for (uint i = 0; i < PER; ++i) count(element(word, i));
      at += LANES;
#endif
    }
#ifdef SHARED_COUNTERS
  barrier();
  for (uint b = gl_LocalInvocationIndex; b < bins; b += gl_WorkGroupSize.x)
    if (counters[b] != 0) atomicAdd(counts.at[b], counters[b]);
#endif
#ifdef PRIVATE_COUNTERS
  for (uint b = 0; b < bins; ++b) {
    uint seen = counters[slot_of(b)];
    if (seen != 0) atomicAdd(counts.at[b], seen);
  }
#endif
}
