// forge: template
// Queries, keys and values behind their product: queries and keys are divided by their root mean square and turned, keys and values
// go into pages. A subgroup takes a head of a token; a lane has pairs that turn, which are neighbours.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef HEAD
#define HEAD 64
#define HALF_KV 1
#define PAGE 16
#define TILE 1              // tokens a panel of what is read; 1: rows
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Slots { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Pages { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Values x;           // (query heads, key heads, value heads) * HEAD of each token
  Values query_gain;  // (HEAD)
  Values key_gain;
  Target target;      // queries: (token, head, HEAD)
  Pages pages;
  Values turns;       // (token, HEAD / 2): cosine and sine of each pair
  Slots slots;        // of each token in the pages
  uint query_heads;
  uint key_heads;
  float epsilon;
  float factor;       // what queries are multiplied by
};

#include "pages.glsl"

const uint kPairs = (HEAD / 2 + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;

uint token = gl_WorkGroupID.x;
uint head = gl_WorkGroupID.y;

void place(uint i, vec2 pair, float inverse) {
  if (head >= query_heads + key_heads) {
    store_pair(head - query_heads - key_heads, i, slots.at[token], false, pair);
  } else if (head >= query_heads) {
    pair *= inverse * vec2(key_gain.at[2 * i], key_gain.at[2 * i + 1]);
    store_pair(head - query_heads, i, slots.at[token], true, turned(token, i, pair));
  } else {
    pair *= inverse * vec2(query_gain.at[2 * i], query_gain.at[2 * i + 1]);
    pair = turned(token, i, pair) * factor;
    const uint at = (token * query_heads + head) * HEAD + 2 * i;
    target.at[at] = pair.x;
    target.at[at + 1] = pair.y;
  }
}

void main() {
  const uint rows = (query_heads + 2 * key_heads) * HEAD;
  const uint from = token / TILE * rows * TILE + head * HEAD * TILE + token % TILE;
  vec2 pairs[kPairs];
  float sum = 0.0;
  [[unroll]] for (uint n = 0; n < kPairs; ++n) {
    const uint i = n * SUBGROUP_SIZE + gl_SubgroupInvocationID;
    pairs[n] = i < HEAD / 2 ? vec2(x.at[from + 2 * i * TILE], x.at[from + (2 * i + 1) * TILE]) : vec2(0.0);
    sum += dot(pairs[n], pairs[n]);
  }
  const float inverse = 1.0 / sqrt(subgroupAdd(sum) / float(HEAD) + epsilon);
  [[unroll]] for (uint n = 0; n < kPairs; ++n) {
    const uint i = n * SUBGROUP_SIZE + gl_SubgroupInvocationID;
    if (i < HEAD / 2) place(i, pairs[n], inverse);
  }
}
