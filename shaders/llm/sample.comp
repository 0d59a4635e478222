// forge: template
// Chooses a token of each row of logits: a subgroup a row. In order: biases, penalties, temperature, top_k, top_p, min_p; then
// one random number picks along the tokens' order. The k-th largest number and the edge of the nucleus are found by counting
// and by adding up what is not below a bound, four bits of the bound at a time: nothing is sorted.
#version 450
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_vote : require
#define USES_exp
#define USES_log
#include "elementary.glsl"
#include "philox.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

struct Wish {
  uint flags;              // 1: this row is wanted
  float temperature;       // 0: the largest
  uint top_k;              // 0: all
  float top_p;
  float min_p;
  float repetition;
  float frequency;
  float presence;
  uvec2 seed;
  uint position;           // of the token that is chosen: the random number's counter
  uint first_edit, edits;
  uint logprobs;           // most likely tokens to tell of
};
struct Edit {
  uint token;
  float bias;
  uint seen;               // times in prompt and answer
  uint said;               // times in the answer
};

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) coherent buffer Scratch { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Wishes { Wish at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Edits { Edit at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Words { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Values logits;           // (row, vocabulary)
  Scratch scratch;         // (row, 2, vocabulary): edited logits, and the tokens that may be chosen
  Wishes wishes;
  Edits edits;
  Words chosen;            // (row, 2 + 2 * most_logprobs): token, its log-probability, then tokens and theirs
  uint vocabulary;
  uint most_logprobs;
};

#define kNone uintBitsToFloat(0xFF800000u)  // -infinity
const float kNear = 16.0;  // tokens further below the largest have 1e-7 of its probability
const uint kUnroll = 4;

uint lane = gl_SubgroupInvocationID;
uint row = gl_WorkGroupID.x;
uint first_logit = row * vocabulary, first_edited = row * 2 * vocabulary, first_candidate = first_edited + vocabulary;
bool edited = false, listed = false;
uint count;              // of candidates
float largest, warmth;   // of the edited logits; 1 / temperature

void settle() { subgroupMemoryBarrierBuffer(); subgroupBarrier(); }

float raw(uint token) { return logits.at[first_logit + token]; }
float logit(uint token) { return edited ? uintBitsToFloat(scratch.at[first_edited + token]) : raw(token); }
uint candidate(uint i) { return listed ? scratch.at[first_candidate + i] : i; }
// Of numbers that are not NaN: larger floats have larger keys.
uint key_of(float x) { const uint bits = floatBitsToUint(x); return (bits >> 31) != 0 ? ~bits : bits | 0x80000000u; }
float of_key(uint key) { return uintBitsToFloat((key >> 31) != 0 ? key & 0x7FFFFFFFu : ~key); }
float weight(float x) { return vf_exp((x - largest) * warmth); }
float number(float x) { return isnan(x) ? kNone : x; }

#define EACH(i, end) for (uint i##_block = 0; i##_block < (end); i##_block += kUnroll * SUBGROUP_SIZE) \
  [[unroll]] for (uint i##_part = 0; i##_part < kUnroll; ++i##_part)
#define AT(i) (i##_block + i##_part * SUBGROUP_SIZE + lane)

// The largest of the raw logits below a bound (by value, then by number), and its token.
void next_largest(uint bound_key, uint bound_token, out uint best_key, out uint best_token) {
  best_key = 0, best_token = 0xFFFFFFFFu;
  EACH(i, vocabulary) {
    const uint token = AT(i);
    if (token < vocabulary) {
      const uint key = key_of(number(raw(token)));
      const bool below = key < bound_key || (key == bound_key && token > bound_token);
      if (below && (key > best_key || best_token == 0xFFFFFFFFu)) best_key = key, best_token = token;
    }
  }
  const uint most = subgroupMax(best_token == 0xFFFFFFFFu ? 0 : best_key);
  best_token = subgroupMin(best_key == most ? best_token : 0xFFFFFFFFu);
  best_key = most;
}

void edit(Wish wish) {
  EACH(i, vocabulary) {
    if (AT(i) < vocabulary) scratch.at[first_edited + AT(i)] = floatBitsToUint(raw(AT(i)));
  }
  settle();
  for (uint e = lane; e < wish.edits; e += SUBGROUP_SIZE) {
    const Edit one = edits.at[wish.first_edit + e];
    float x = raw(one.token) + one.bias;
    if (one.seen > 0) x = x > 0.0 ? x / wish.repetition : x * wish.repetition;
    if (one.said > 0) x -= wish.frequency * float(one.said) + wish.presence;
    scratch.at[first_edited + one.token] = floatBitsToUint(x);
  }
  settle();
  edited = true;
}

void find_largest(out uint token) {
  float most = kNone;
  token = 0;
  EACH(i, vocabulary) {
    const uint one = AT(i);
    if (one < vocabulary) {
      const float x = number(logit(one));
      if (x > most) most = x, token = one;
    }
  }
  largest = subgroupMax(most);
  token = subgroupMin(most == largest ? token : 0xFFFFFFFFu);
}

float mass_from(uint bound) {
  float sum = 0.0;
  EACH(i, count) {
    if (AT(i) < count) {
      const float x = number(logit(candidate(AT(i))));
      sum += key_of(x) >= bound ? weight(x) : 0.0;
    }
  }
  return subgroupAdd(sum);
}

// Lists the tokens near the largest in their order. Returns the mass of all tokens, and of those listed.
vec2 list_near() {
  float all = 0.0, near = 0.0;
  uint listed_count = 0;
  const float bound = largest - kNear / warmth;
  EACH(i, vocabulary) {
    const float x = AT(i) < vocabulary ? number(logit(AT(i))) : kNone;
    const bool is_near = x >= bound;
    const float mine = weight(x);
    all += mine;
    near += is_near ? mine : 0.0;
    const uvec4 ballot = subgroupBallot(is_near);
    if (is_near) scratch.at[first_candidate + listed_count + subgroupBallotExclusiveBitCount(ballot)] = AT(i);
    listed_count += subgroupBallotBitCount(ballot);
  }
  count = listed_count;
  settle();
  return vec2(subgroupAdd(all), subgroupAdd(near));
}

// The largest bound with at least `wanted` candidates not below it.
uint bound_of_count(uint wanted) {
  uint bound = 0;
  for (int shift = 28; shift >= 0; shift -= 4) {
    uint above[15];
    [[unroll]] for (uint d = 0; d < 15; ++d) above[d] = 0;
    EACH(i, count) {
      if (AT(i) < count) {
        const uint key = key_of(number(logit(candidate(AT(i)))));
        [[unroll]] for (uint d = 0; d < 15; ++d) above[d] += uint(key >= bound + ((d + 1) << shift));
      }
    }
    uint digit = 0;
    [[unroll]] for (uint d = 0; d < 15; ++d) digit += uint(subgroupAdd(above[d]) >= wanted);
    bound += digit << shift;
  }
  return bound;
}

// The largest bound, not below `least`, with at least `wanted` of the mass not below it.
uint bound_of_mass(float wanted, uint least) {
  uint bound = 0;
  for (int shift = 28; shift >= 0; shift -= 4) {
    float above[15];
    [[unroll]] for (uint d = 0; d < 15; ++d) above[d] = 0.0;
    EACH(i, count) {
      if (AT(i) < count) {
        const float x = number(logit(candidate(AT(i))));
        const uint key = key_of(x);
        const float mine = weight(x);
        [[unroll]] for (uint d = 0; d < 15; ++d) above[d] += key >= bound + ((d + 1) << shift) ? mine : 0.0;
      }
    }
    uint digit = 0;
    [[unroll]] for (uint d = 0; d < 15; ++d) digit += uint(subgroupAdd(above[d]) >= wanted);
    bound += digit << shift;
  }
  return max(bound, least);
}

// The smallest key that may be chosen.
uint bound_of(Wish wish) {
  const vec2 mass = list_near();
  const bool enough = (wish.top_k == 0 || count >= min(wish.top_k, vocabulary)) &&
                      (wish.top_k != 0 || wish.top_p >= 1.0 || mass.y >= wish.top_p * mass.x);
  const bool cuts = wish.top_k != 0 || wish.top_p < 1.0 || wish.min_p > 1e-6;
  listed = cuts && enough;
  if (!listed) count = vocabulary;
  uint bound = 0;
  if (wish.top_k != 0 && wish.top_k < vocabulary) bound = bound_of_count(wish.top_k);
  if (wish.top_p < 1.0) {
    const float all = wish.top_k != 0 ? mass_from(bound) : mass.x;
    bound = bound_of_mass(wish.top_p * all, bound);
  }
  if (wish.min_p > 0.0) bound = max(bound, key_of(largest + vf_log(wish.min_p) / warmth));
  return bound;
}

// The first candidate, in the tokens' order, at which the mass from the start on passes the random share of all.
uint pick(Wish wish, uint bound, uint fallback) {
  const uint word = philox(uvec4(wish.position, 0, 0, 0), wish.seed).x;
  const float goal = philox_uniform(word) * mass_from(bound);
  float passed = 0.0;
  uint found = 0xFFFFFFFFu;
  for (uint i_block = 0; i_block < count && found == 0xFFFFFFFFu; i_block += kUnroll * SUBGROUP_SIZE)
  [[unroll]] for (uint i_part = 0; i_part < kUnroll; ++i_part) {
    const uint token = AT(i) < count ? candidate(AT(i)) : 0;
    const float x = AT(i) < count ? number(logit(token)) : kNone;
    const float mine = AT(i) < count && key_of(x) >= bound ? weight(x) : 0.0;
    const float reached = passed + subgroupInclusiveAdd(mine);
    const bool here = mine > 0.0 && reached > goal;
    found = min(found, subgroupMin(here ? token : 0xFFFFFFFFu));
    passed = subgroupMax(reached);
  }
  return found == 0xFFFFFFFFu ? fallback : found;
}

void tell(uint at, uint token, float logprob) {
  if (lane == 0) {
    chosen.at[at] = token;
    chosen.at[at + 1] = floatBitsToUint(logprob);
  }
}

void main() {
  const Wish wish = wishes.at[row];
  if (wish.flags == 0) return;
  const uint to = row * (2 + 2 * most_logprobs);
  uint token;
  // Log-probabilities are those of the model itself, before anything below.
  warmth = 1.0;
  find_largest(token);
  float sum = 0.0;
  EACH(i, vocabulary) {
    if (AT(i) < vocabulary) sum += weight(number(raw(AT(i))));
  }
  const float log_sum = largest + vf_log(subgroupAdd(sum));
  uint key = 0xFFFFFFFFu, last = 0;
  for (uint n = 0; n < wish.logprobs; ++n) {
    next_largest(key, last, key, last);
    tell(to + 2 + 2 * n, last, of_key(key) - log_sum);
  }
  if (wish.edits != 0) {
    edit(wish);
    find_largest(token);
  }
  if (wish.temperature > 0.0) {
    warmth = 1.0 / wish.temperature;
    token = pick(wish, bound_of(wish), token);
  }
  token = min(token, vocabulary - 1);
  tell(to, token, raw(token) - log_sum);
}
