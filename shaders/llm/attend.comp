// forge: template
// Attention of a few queries of one session over its pages of keys and values: a subgroup takes one key head with the queries
// that share it. Scores: a lane is a place in the context. Values: a lane is a pair of a head's numbers. The softmax goes along
// in steps of a subgroup from place 0 on, whatever the batch is.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#define USES_exp
#if defined(CAPPED) && CAPPED
#define USES_tanh
#endif
#include "elementary.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef HEAD
#define HEAD 64
#define SHARING 3           // query heads a key head
#define QUERIES 1
#define HALF_KV 1
#define CAPPED 0            // 1: scores are cap * tanh(score / cap)
#define PAGE 16
#define TILE 1              // tokens a panel of what is written; 1: rows
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Words { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Values queries;   // (token, head, HEAD)
  Words pages;
  Words items;      // (first token, queries, first place, where its pages stand in tables)
  Words tables;
  Target target;
  uint width;       // values of a token
  uint key_heads;
  uint window;      // places that a query sees; 0: all
  float cap;
};

const uint kRows = QUERIES * SHARING, kLoads = (HEAD + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;
const uint kPairs = (HEAD / 2 + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;
const float kNever = -1e30;

uint lane = gl_SubgroupInvocationID;
uint head = gl_WorkGroupID.y;

float query[kRows][kLoads];
float score[kRows], most[kRows], total[kRows];
vec2 value[kRows][kPairs];

#if HALF_KV
const uint kHeadWords = HEAD / 2 * PAGE;
vec2 key_pair(uint start, uint d) { return unpackHalf2x16(pages.at[start + d * PAGE]); }
vec2 value_pair(uint start, uint i) { return unpackHalf2x16(pages.at[start + i]); }
#else
const uint kHeadWords = HEAD * PAGE;
vec2 key_pair(uint start, uint d) {
  return uintBitsToFloat(uvec2(pages.at[start + 2 * d * PAGE], pages.at[start + (2 * d + 1) * PAGE]));
}
vec2 value_pair(uint start, uint i) { return uintBitsToFloat(uvec2(pages.at[start + 2 * i], pages.at[start + 2 * i + 1])); }
#endif

uint head_start(uint page, uint kind) { return ((page * 2 + kind) * key_heads + head) * kHeadWords; }

void find_scores(uint start, uint s) {
  [[unroll]] for (uint r = 0; r < kRows; ++r) score[r] = 0.0;
  [[unroll]] for (uint d = 0; d < HEAD / 2; ++d) {
    const vec2 key = key_pair(start + s, d);
    [[unroll]] for (uint r = 0; r < kRows; ++r) {
      score[r] = fma(subgroupBroadcast(query[r][2 * d / SUBGROUP_SIZE], 2 * d % SUBGROUP_SIZE), key.x, score[r]);
      score[r] = fma(subgroupBroadcast(query[r][(2 * d + 1) / SUBGROUP_SIZE], (2 * d + 1) % SUBGROUP_SIZE), key.y, score[r]);
    }
  }
#if CAPPED
  [[unroll]] for (uint r = 0; r < kRows; ++r) score[r] = cap * vf_tanh(score[r] / cap);
#endif
}

// Scores become weights; what was summed before is brought to the new largest score.
void weigh(uint place, uint position) {
  [[unroll]] for (uint r = 0; r < kRows; ++r) {
    const uint mine = position + r / SHARING;
    const bool seen = place <= mine && (window == 0 || place + window > mine);
    const float now = max(most[r], subgroupMax(seen ? score[r] : kNever));
    const float kept = vf_exp(most[r] - now);
    score[r] = seen ? vf_exp(score[r] - now) : 0.0;
    most[r] = now;
    total[r] = fma(total[r], kept, subgroupAdd(score[r]));
    [[unroll]] for (uint n = 0; n < kPairs; ++n) value[r][n] *= kept;
  }
}

void add_values(uint starts, uint first, uint last) {
  [[unroll]] for (uint t = 0; t < SUBGROUP_SIZE; ++t) {
    const uint start = subgroupBroadcast(starts, t);
    if (first + t <= last) {
      [[unroll]] for (uint n = 0; n < kPairs; ++n) {
        const vec2 pair = value_pair(start, min(n * SUBGROUP_SIZE + lane, HEAD / 2 - 1));
        [[unroll]] for (uint r = 0; r < kRows; ++r) value[r][n] += subgroupBroadcast(score[r], t) * pair;
      }
    }
  }
}

// Stores are many instructions each on CPU drivers, which take a second to compile all of them: the loop is one, over what waits
// in an array.
void store(uint token, uint count) {
  vec2 waiting[kRows * kPairs];
  [[unroll]] for (uint r = 0; r < kRows; ++r)
    [[unroll]] for (uint n = 0; n < kPairs; ++n) waiting[r * kPairs + n] = value[r][n] / total[r];
  [[dont_unroll]] for (uint r = 0; r < count * SHARING; ++r) {
    const uint t = token + r / SHARING, row = (head * SHARING + r % SHARING) * HEAD;
    [[dont_unroll]] for (uint n = 0; n < kPairs; ++n) {
      const uint i = n * SUBGROUP_SIZE + lane;
      if (i < HEAD / 2) {
        const uint at = t / TILE * width * TILE + (row + 2 * i) * TILE + t % TILE;
        target.at[at] = waiting[r * kPairs + n].x;
        target.at[at + TILE] = waiting[r * kPairs + n].y;
      }
    }
  }
}

void main() {
  const uint item = gl_WorkGroupID.x * 4;
  const uint token = items.at[item], count = items.at[item + 1], position = items.at[item + 2], table = items.at[item + 3];
  if (count == 0) return;
  [[unroll]] for (uint r = 0; r < kRows; ++r) {
    const uint t = token + min(r / SHARING, count - 1);
    [[unroll]] for (uint n = 0; n < kLoads; ++n)
      query[r][n] = queries.at[t * width + (head * SHARING + r % SHARING) * HEAD + min(n * SUBGROUP_SIZE + lane, HEAD - 1)];
    most[r] = kNever;
    total[r] = 0.0;
    [[unroll]] for (uint n = 0; n < kPairs; ++n) value[r][n] = vec2(0.0);
  }
  const uint last = position + count - 1;
  const uint begin = window == 0 || position + 1 <= window ? 0 : (position + 1 - window) / SUBGROUP_SIZE * SUBGROUP_SIZE;
  for (uint first = begin; first <= last; first += SUBGROUP_SIZE) {
    const uint place = min(first + lane, last), page = tables.at[table + place / PAGE], s = place % PAGE;
    find_scores(head_start(page, 0), s);
    weigh(first + lane, position);
#if HALF_KV
    add_values(head_start(page, 1) + s * (HEAD / 2), first, last);
#else
    add_values(head_start(page, 1) + s * HEAD, first, last);
#endif
  }
  store(token, count);
}
