// forge: template
// Attention of a few queries over all keys of a head: a subgroup takes QUERIES rows. Scores: a lane is a key. Values: a lane is
// one of a value's numbers. The softmax goes along in steps of a subgroup, so that no row of scores is ever in memory.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#define USES_exp
#include "elementary.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef HEAD
#define HEAD 64   // numbers of a query and a key
#define WIDTH 64  // of a value
#define QUERIES 4
#define MASKED 1
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(push_constant, scalar) uniform Push {
  Values queries;  // (batch, head, query, HEAD); numbers of a row follow each other here and below
  Values keys;     // (batch, head, HEAD, key)
  Values values;   // (batch, head, key, WIDTH)
  Values mask;     // (batch, head, query, key), added to scores
  Target target;   // (batch, head, query, WIDTH), without gaps
  uvec3 query_step;
  uvec3 key_step;
  uvec3 value_step;
  uvec4 mask_step;
  uint count;      // queries
  uint length;     // keys
  float scale;
};

const uint kLoads = (HEAD + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE, kStores = (WIDTH + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;

uint lane = gl_SubgroupInvocationID;
uint head = gl_WorkGroupID.y;
uint batch = gl_WorkGroupID.z;
float never = uintBitsToFloat(0xFF800000u);  // minus infinity

float query[QUERIES][kLoads];
float score[QUERIES], most[QUERIES], total[QUERIES];
float value[QUERIES][kStores];

void find_scores(uint start, uint row, uint key) {
  [[unroll]] for (uint r = 0; r < QUERIES; ++r) score[r] = 0.0;
  [[unroll]] for (uint d = 0; d < HEAD; ++d) {
    const float number = keys.at[start + d * key_step.z + key];
    [[unroll]] for (uint r = 0; r < QUERIES; ++r)
      score[r] = fma(subgroupBroadcast(query[r][d / SUBGROUP_SIZE], d % SUBGROUP_SIZE), number, score[r]);
  }
  [[unroll]] for (uint r = 0; r < QUERIES; ++r) {
    score[r] *= scale;
#if MASKED
    const uint q = min(row + r, count - 1);
    score[r] += mask.at[batch * mask_step.x + head * mask_step.y + q * mask_step.z + key * mask_step.w];
#endif
  }
}

// Scores become weights; what was summed before is brought to the new largest score.
void weigh(bool seen) {
  [[unroll]] for (uint r = 0; r < QUERIES; ++r) {
    const float now = max(most[r], subgroupMax(seen ? score[r] : never));
    const float kept = most[r] == now ? 1.0 : vf_exp(most[r] - now);
    score[r] = !seen || score[r] == never ? 0.0 : vf_exp(score[r] - now);
    most[r] = now;
    total[r] = fma(total[r], kept, subgroupAdd(score[r]));
    [[unroll]] for (uint n = 0; n < kStores; ++n) value[r][n] *= kept;
  }
}

void add_values(uint start, uint first) {
  [[unroll]] for (uint t = 0; t < SUBGROUP_SIZE; ++t) {
    if (first + t < length) {
      [[unroll]] for (uint n = 0; n < kStores; ++n) {
        const float number = values.at[start + (first + t) * value_step.z + min(n * SUBGROUP_SIZE + lane, WIDTH - 1)];
        [[unroll]] for (uint r = 0; r < QUERIES; ++r) value[r][n] = fma(subgroupBroadcast(score[r], t), number, value[r][n]);
      }
    }
  }
}

void main() {
  const uint row = gl_WorkGroupID.x * QUERIES;
  [[unroll]] for (uint r = 0; r < QUERIES; ++r) {
    const uint start = batch * query_step.x + head * query_step.y + min(row + r, count - 1) * query_step.z;
    [[unroll]] for (uint n = 0; n < kLoads; ++n)
      query[r][n] = queries.at[start + min(n * SUBGROUP_SIZE + lane, HEAD - 1)];
    most[r] = never;
    total[r] = 0.0;
    [[unroll]] for (uint n = 0; n < kStores; ++n) value[r][n] = 0.0;
  }
  const uint of_keys = batch * key_step.x + head * key_step.y, of_values = batch * value_step.x + head * value_step.y;
  for (uint first = 0; first < length; first += SUBGROUP_SIZE) {
    find_scores(of_keys, row, min(first + lane, length - 1));
    weigh(first + lane < length);
    add_values(of_values, first);
  }
  const uint made = ((batch * gl_NumWorkGroups.y + head) * count + row) * WIDTH;
  [[unroll]] for (uint r = 0; r < QUERIES; ++r)
    if (row + r < count)
      [[unroll]] for (uint n = 0; n < kStores; ++n) {
        const uint i = n * SUBGROUP_SIZE + lane;
        if (i < WIDTH) target.at[made + r * WIDTH + i] = value[r][n] / total[r];
      }
}
