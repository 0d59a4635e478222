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
#if defined(PRIVATE_COUNTERS)
shared uint counters[MOST_BINS * LANES * TEAMS];
void count_one(uint bin) {
  uint c = (team_index() * MOST_BINS + bin) * LANES + lane_index();
  counters[c] = counters[c] + 1;
}
#elif defined(SHARED_COUNTERS)
shared uint counters[MOST_BINS];
void count_one(uint bin) { atomicAdd(counters[bin], 1); }
#else
void count_one(uint bin) { atomicAdd(counts.at[bin], 1); }
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
#else
  while (bin > 0 && x < edges.at[bin]) --bin;
  while (bin + 1 < bins && x >= edges.at[bin + 1]) ++bin;
#endif
  return bin;
}

void count(ACC x) {
  if (!(x >= low && x <= high)) return;  // and NaN
#ifdef DISTANCE_UNSIGNED  // exact where the difference would overflow
  float guess = float(DISTANCE_UNSIGNED(x) - DISTANCE_UNSIGNED(low)) * scale;
#else
  float guess = float(x - low) * scale;
#endif
  uint bin = min(uint(guess), bins - 1);
  float into = guess - float(bin);
#ifndef UNEVEN
  if (into < doubt || into > 1.0 - doubt)
#endif
    bin = looked_up(x, bin);
  count_one(bin);
}
#endif

void main() {
#ifdef SHARED_COUNTERS
  for (uint b = gl_LocalInvocationIndex; b < bins; b += gl_WorkGroupSize.x) counters[b] = 0;
  barrier();
#endif
#ifdef PRIVATE_COUNTERS
  for (uint b = 0; b < bins; ++b) counters[(team_index() * MOST_BINS + b) * LANES + lane_index()] = 0;
#endif
#ifndef DIRECT
  low = edges.at[0];
  high = edges.at[bins];
#endif
  uint team = team_number();
  uint end = first + min(team * strip + strip, extent);
  if (team * strip < extent)
    for (uint at = first + team * strip + lane_index(); at < end; at += LANES) {
      WORD word = source.at[at];
      [[unroll]] for (uint i = 0; i < PER; ++i) count(element(word, i));
    }
#ifdef SHARED_COUNTERS
  barrier();
  for (uint b = gl_LocalInvocationIndex; b < bins; b += gl_WorkGroupSize.x)
    if (counters[b] != 0) atomicAdd(counts.at[b], counters[b]);
#endif
#ifdef PRIVATE_COUNTERS
  for (uint b = 0; b < bins; ++b) {
    uint seen = counters[(team_index() * MOST_BINS + b) * LANES + lane_index()];
    if (seen != 0) atomicAdd(counts.at[b], seen);
  }
#endif
}
