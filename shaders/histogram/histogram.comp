// forge: template
// Counts elements by bin. PRIVATE_COUNTERS: each lane counts alone in shared memory; SHARED_COUNTERS: a workgroup counts by
// atomics in shared memory; else by atomics in the result.
#version 450
#include "team.glsl"
#include "elements.glsl"

layout(binding = 0, scalar) readonly buffer Source { STORED at[]; } source;
#ifdef LOOKED_UP  // a byte: its bin stands in a table
layout(binding = 1, scalar) readonly buffer Edges { uint at[]; } edges;
#else
layout(binding = 1, scalar) readonly buffer Edges { ACC at[]; } edges;
#endif
layout(binding = 2, scalar) buffer Counts { uint at[]; } counts;

layout(push_constant, scalar) uniform Push {
  uint extent;       // words
  uint strip;        // words of a team
  uint first;        // word
  uint bins;
  float scale;       // bins / (last - first edge)
  float doubt;       // a guess closer to an edge than this part of a bin is looked up
  float middle;      // of a bin: 0.5, less where elements stand half a step above their value
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

#if defined(DIRECT)  // an element is its bin
void count(ACC x) { count_one(uint(x)); }
#elif defined(LOOKED_UP)
void count(ACC x) { count_one(edges.at[uint(x) & 255u]); }
#else
ACC low, high;
#ifdef SHARED_EDGES  // for a search: read often, by all
shared ACC shared_edges[MOST_BINS + 1];
ACC edge(uint i) { return shared_edges[i]; }
#else
ACC edge(uint i) { return edges.at[i]; }
#endif

#ifdef UNEVEN
// All elements of a word go down together: a step waits for what it reads.
void count_word(WORD word) {
  uint bin[PER];
  [[unroll]] for (uint i = 0; i < PER; ++i) bin[i] = 0;
  for (uint step = 1u << uint(findMSB(bins)); step > 0; step /= 2)
    [[unroll]] for (uint i = 0; i < PER; ++i) {
      uint next = min(bin[i] + step, bins - 1);
      bin[i] = element(word, i) >= edge(next) ? next : bin[i];
    }
  [[unroll]] for (uint i = 0; i < PER; ++i) {
    ACC x = element(word, i);
    count_one(x >= low && x <= high ? bin[i] : NOWHERE);  // NaN: nowhere
  }
}
#else
float guess_of(ACC x) {
#ifdef DISTANCE_UNSIGNED  // exact where the difference would overflow
  return float(DISTANCE_UNSIGNED(x) - DISTANCE_UNSIGNED(low)) * scale;
#else
  return float(x - low) * scale;
#endif
}

uint bin_of(ACC x) {
  if (!(x >= low && x <= high)) return NOWHERE;  // and NaN
  float guess = guess_of(x);
  uint bin = min(uint(guess), bins - 1);
  float into = guess - float(bin);
  if (into < doubt || into > 1.0 - doubt) {
    while (bin > 0 && x < edge(bin)) --bin;
    while (bin + 1 < bins && x >= edge(bin + 1)) ++bin;
  }
  return bin;
}
void count(ACC x) { count_one(bin_of(x)); }
#endif
#endif
#ifndef UNEVEN
void count_word(WORD word) {
  [[unroll]] for (uint i = 0; i < PER; ++i) count(element(word, i));
}
#endif

#ifdef GUESSED
struct Guess {
  uint bin;
  bool clear;  // of the edges; false for NaN
};

// The nearest whole number to guess - middle is the bin. Adding 2^23 + 1 rounds to it and leaves it in the low bits, where a
// conversion costs a CPU driver more than all the rest.
Guess guess(ACC x) {
  float from_middle = min(max(guess_of(x) - middle, -1.0), float(bins));
  uint bin = floatBitsToUint(from_middle + 8388609.0) - 0x4B000001u;
  float rounded = float(int(bin));  // not by subtracting again, which a compiler may take for nothing, precise or not
#ifdef DISTANCE_UNSIGNED  // the last edge belongs to its bin; half a step above it does not
  if (x == high) bin = bins - 1;
#endif
  return Guess(bin, abs(from_middle - rounded) <= 0.5 - doubt);
}

// A guess is no further off than one.
uint bin_near(ACC x) {
  uint bin = min(uint(max(guess_of(x), 0.0)), bins - 1);
  uint above = min(bin + 1, bins - 1);
  bin = x < edge(bin) ? max(bin, 1) - 1 : x >= edge(above) ? above : bin;
  return x >= low && x <= high ? bin : NOWHERE;  // NaN: nowhere
}

// A CPU driver walks through a branch that no lane takes; words with a value in doubt are marked, and seen again later.
uint count_some(uint at, uint end) {
  uint marks = 0, base = at;
  for (uint i = 0; i < 32 && at < end; ++i, at += LANES) {
    WORD word = taken(source.at[at]);
    uint in_doubt = 0;
    [[unroll]] for (uint j = 0; j < PER; ++j) {
      Guess of = guess(element(word, j));
      count_one(of.clear ? of.bin : NOWHERE);
      in_doubt |= uint(!of.clear);
    }
    marks |= in_doubt << i;
  }
  for (; marks != 0; marks &= marks - 1) {
    WORD word = taken(source.at[base + uint(findLSB(marks)) * LANES]);
    [[unroll]] for (uint j = 0; j < PER; ++j) {
      ACC x = element(word, j);
      count_one(guess(x).clear ? NOWHERE : bin_near(x));
    }
  }
  return at;
}
#endif

void main() {
#ifdef SHARED_COUNTERS
  for (uint b = gl_LocalInvocationIndex; b < bins; b += gl_WorkGroupSize.x) counters[b] = 0;
#endif
#ifdef SHARED_EDGES
  for (uint b = gl_LocalInvocationIndex; b <= bins; b += gl_WorkGroupSize.x) shared_edges[b] = edges.at[b];
#endif
#if defined(SHARED_COUNTERS) || defined(SHARED_EDGES)
  barrier();
#endif
#ifdef PRIVATE_COUNTERS
  for (uint b = 0; b < bins; ++b) counters[slot_of(b)] = 0;
#endif
#if !defined(DIRECT) && !defined(LOOKED_UP)
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
      count_word(taken(source.at[at]));
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
