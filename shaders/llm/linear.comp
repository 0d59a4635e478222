// forge: template
// y = W x for a few tokens, W quantised: a lane is a row of W, TOKENS tokens and VECTORS rows a lane are sums in registers. Weights
// are in interleaved words (infer/llm/linear.hpp), so that lanes load side by side and no sum crosses lanes. What the formats
// look like is text from infer/llm/quant.def. The root mean square that a norm divides by is found on the way, and what happens
// to finished rows is ENDING. Sums of a token run in one order whatever TOKENS and LANES_ARE_TOKENS are, so a token's numbers do
// not depend on what else is in the batch.
#version 450
#include "types.glsl"
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_KHR_shader_subgroup_ballot : require
#define USES_exp
#if defined(CAPPED) && CAPPED
#define USES_tanh
#endif
#include "elementary.glsl"

#ifndef SUBGROUP_SIZE
#define SUBGROUP_SIZE 8
#endif
#ifndef TOKENS
#define TOKENS 1
#define LANES_ARE_TOKENS 0  // 1: activations are panels (tile, value, token), 0: rows (token, value)
#define VECTORS 4
#define WORDS 5
#define UNIT 32
#define GROUP 32
#define BIAS 0
#define SCALE half_at(0u)
#define OFFSET half_at(2u)
#define CODES (word(4u + i % 16u) >> (i / 16u * 4u)) & 0x0F0F0F0Fu
#define QUANT_FUNCTIONS
#define HAS_OFFSET 1
#define NORM 1
#define ENDING 1            // what becomes of y: 0 stored, 1 added, 2 gate(y) * up, 3 query, key and value
#define GATE 0              // 0 silu, 1 gelu with tanh
#define CAPPED 0            // 1: what is stored is cap * tanh(y / cap)
#define HAS_BIAS 0
#define HALF_KV 1
#define HEAD 64
#define PAGE 16
#define PAIR uvec2          // two words that one load brings: uint64_t where the device has it
#define UNPAIRED uvec2
#endif

layout(local_size_x = SUBGROUP_SIZE) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Weights { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Pairs { PAIR at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer ValuePairs { PAIR at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Target { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Pages { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Slots { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Weights weights;
  Values x;
  Values gain;      // of the norm
  Values bias;      // of each row
  Target target;    // y; queries where there are heads
  Pages pages;      // of keys and values
  Values turns;     // (token, HEAD / 2): cosine and sine of each pair
  Slots slots;      // of each token in the pages
  uint blocks;      // of UNIT values a row
  uint columns;
  uint first;       // row (pair, where rows come in pairs) of y that the first row of W is
  uint rows;        // rows or pairs of W
  uint width;       // rows of y: from one token's to the next's
  uint query_heads;
  uint key_heads;
  float epsilon;
  float factor;     // what queries are multiplied by
  float cap;
};

uint lane = gl_SubgroupInvocationID;
uint places[VECTORS];  // word 0 of each row's block, of lane 0

// Blocks that are one group are loaded at once; of larger ones each word when it is wanted.
// A group is straight code then; drivers with narrow subgroups take seconds to compile that for more than one token.
#define STRAIGHT (!LANES_ARE_TOKENS && (TOKENS == 1 || SUBGROUP_SIZE >= 8))
#define WHOLE (UNIT == GROUP && STRAIGHT)
#define SINGLE (WORDS % 2)  // words before the pairs

#if WHOLE
uint words[VECTORS][WORDS];
uint word_of(uint v, uint at) { return words[v][at / 4u]; }
void load_words(uint v) {
#if SINGLE
  words[v][0] = weights.at[places[v] + lane];
#endif
  Pairs pairs = Pairs(uvec2(weights));
  const uint first_pair = (places[v] + SINGLE * SUBGROUP_SIZE) / 2 + lane;
  [[unroll]] for (uint p = 0; p < WORDS / 2; ++p) {
    const uvec2 pair = UNPAIRED(pairs.at[first_pair + p * SUBGROUP_SIZE]);
    words[v][SINGLE + 2 * p] = pair.x;
    words[v][SINGLE + 2 * p + 1] = pair.y;
  }
}
#else
uint word_of(uint v, uint at) {
  const uint w = at / 4u;
#if SINGLE
  if (w == 0) return weights.at[places[v] + lane];
#endif
  return weights.at[places[v] + (w - (w + SINGLE) % 2) * SUBGROUP_SIZE + lane * 2 + (w + SINGLE) % 2];
}
#endif

// What the formats' expressions call. They are those of row `v` of this lane.
uint byte_of(uint v, uint at) { return bitfieldExtract(word_of(v, at), int(at % 4u * 8u), 8); }
int signed_byte_of(uint v, uint at) { return bitfieldExtract(int(word_of(v, at)), int(at % 4u * 8u), 8); }
float half_of(uint v, uint at) { return unpackHalf2x16(bitfieldExtract(word_of(v, at), int(at % 4u * 8u), 16)).x; }
#define word(at) word_of(v, at)
#define byte(at) byte_of(v, at)
#define signed_byte(at) signed_byte_of(v, at)
#define half_at(at) half_of(v, at)
#define six_bit_scale(g) six_bit_scale_of(v, g)
#define six_bit_min(g) six_bit_min_of(v, g)
#ifdef VALUE  // plain numbers
#define float32_at(i) uintBitsToFloat(word(4u * (i)))
#define float16_at(i) half_at(2u * (i))
#define bfloat16_at(i) uintBitsToFloat(bitfieldExtract(word(2u * (i)), int((i) % 2u * 16u), 16) << 16)
vec4 four(uint v, uint i) { return vec4(VALUE(i), VALUE(i + 1u), VALUE(i + 2u), VALUE(i + 3u)); }
#else
QUANT_FUNCTIONS
float scale_of(uint v, uint g) { return SCALE; }
float offset_of(uint v, uint g) { return float(OFFSET); }
uint codes_of(uint v, uint i) { return CODES; }
vec4 four(uint v, uint i) {
  const uint codes = codes_of(v, i);
  return vec4(codes & 255u, codes >> 8 & 255u, codes >> 16 & 255u, codes >> 24);
}
#endif

// What a lane holds of x: CHUNK values of LANES tokens, in loads of WIDE tokens that are neighbours; or one of CHUNK values of each token.
#if LANES_ARE_TOKENS
#define CHUNK 4u
#define LANES (TOKENS / SUBGROUP_SIZE)
#define WIDE (LANES % 2 == 0 ? 2 : 1)
#define SLOT(t) ((t) / (WIDE * SUBGROUP_SIZE) * WIDE + (t) % WIDE)
#define HOLDER(t) ((t) % (WIDE * SUBGROUP_SIZE) / WIDE)
#define SHORT_LOOP [[dont_unroll]]
float held[CHUNK * LANES];
#define X(t, j) subgroupBroadcast(held[(j) * LANES + SLOT(t)], HOLDER(t))
#else
#if SUBGROUP_SIZE < GROUP
#define CHUNK uint(SUBGROUP_SIZE)
#else
#define CHUNK uint(GROUP)
#endif
#define LANES TOKENS
#if STRAIGHT
#define SHORT_LOOP [[unroll]]
#else
#define SHORT_LOOP [[dont_unroll]]
#endif
float held[TOKENS];
#define X(t, j) subgroupBroadcast(held[t], j)
#endif

float squares[LANES];  // a token's in each lane, or all lanes alike
float group_sum[LANES];

#if LANES_ARE_TOKENS
void take_x(float value, float gained, uint slot, uint j) {
#if NORM
  precise float square = value * value;
  squares[slot] += square;
  value *= gained;
#endif
#if HAS_OFFSET
  group_sum[slot] += value;
#endif
  held[j * LANES + slot] = value;
}
#endif

// CHUNK values of x from k on, with what sums of them go along.
void load_x(uint base, uint k) {
  const uint mine = k + lane % CHUNK;
#if NORM
  const float gained = gain.at[mine];
#else
  const float gained = 1.0;
#endif
#if LANES_ARE_TOKENS
  ValuePairs pairs = ValuePairs(uvec2(x));
  [[unroll]] for (uint j = 0; j < CHUNK; ++j) {
    const float gain_of_j = NORM != 0 ? subgroupBroadcast(gained, j) : 1.0;
    [[unroll]] for (uint q = 0; q < LANES / WIDE; ++q) {
      const uint at = base + (k + j) * TOKENS + q * WIDE * SUBGROUP_SIZE + lane * WIDE;
      if (WIDE == 2) {
        const vec2 two = uintBitsToFloat(UNPAIRED(pairs.at[at / 2]));
        take_x(two.x, gain_of_j, 2 * q, j);
        take_x(two.y, gain_of_j, 2 * q + 1, j);
      } else {
        take_x(x.at[at], gain_of_j, q, j);
      }
    }
  }
#else
  [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
    float value = x.at[base + t * columns + mine];
#if NORM
    precise float square = value * value;
    [[unroll]] for (uint j = 0; j < CHUNK; ++j) squares[t] += subgroupBroadcast(square, j);
    value *= gained;
#endif
#if HAS_OFFSET
    [[unroll]] for (uint j = 0; j < CHUNK; ++j) group_sum[t] += subgroupBroadcast(value, j);
#endif
    held[t] = value;
  }
#endif
}

float of_token(float list[LANES], uint t) {
#if LANES_ARE_TOKENS
  return subgroupBroadcast(list[SLOT(t)], HOLDER(t));
#else
  return list[t];
#endif
}

float sum[TOKENS][VECTORS];

void add_group(uint base, uint block, uint g, uint starts[VECTORS]) {
  float part[TOKENS][VECTORS];
  [[unroll]] for (uint t = 0; t < TOKENS; ++t) [[unroll]] for (uint v = 0; v < VECTORS; ++v) part[t][v] = 0.0;
  [[unroll]] for (uint q = 0; q < LANES; ++q) group_sum[q] = 0.0;
  [[unroll]] for (uint v = 0; v < VECTORS; ++v) {
    places[v] = starts[v] + block * (WORDS * SUBGROUP_SIZE);
#if WHOLE
    load_words(v);
#endif
  }
  SHORT_LOOP for (uint c = 0; c < GROUP; c += CHUNK) {
    load_x(base, block * UNIT + g * GROUP + c);
    [[unroll]] for (uint j = 0; j < CHUNK; j += 4) {
      vec4 codes[VECTORS];
      [[unroll]] for (uint v = 0; v < VECTORS; ++v) codes[v] = four(v, g * GROUP + c + j);
      [[unroll]] for (uint n = 0; n < 4; ++n)
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
          const float one = X(t, j + n);
          [[unroll]] for (uint v = 0; v < VECTORS; ++v) part[t][v] = fma(codes[v][n], one, part[t][v]);
        }
    }
  }
#ifdef VALUE
  [[unroll]] for (uint t = 0; t < TOKENS; ++t) [[unroll]] for (uint v = 0; v < VECTORS; ++v) sum[t][v] += part[t][v];
#else
  float scale[VECTORS], offset[VECTORS];
  [[unroll]] for (uint v = 0; v < VECTORS; ++v) {
    scale[v] = scale_of(v, g);
    offset[v] = offset_of(v, g) - float(BIAS) * scale[v];
  }
  [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
#if HAS_OFFSET
    const float all = of_token(group_sum, t);
#endif
    [[unroll]] for (uint v = 0; v < VECTORS; ++v) {
      sum[t][v] = fma(scale[v], part[t][v], sum[t][v]);
#if HAS_OFFSET
      sum[t][v] = fma(offset[v], all, sum[t][v]);
#endif
    }
  }
#endif
}

// Where value `row` of token `t` of this tile stands.
uint index_of(uint t, uint row, uint rows_of_token) {
#if LANES_ARE_TOKENS
  return (gl_WorkGroupID.y * rows_of_token + row) * TOKENS + t;
#else
  return (gl_WorkGroupID.y * TOKENS + t) * rows_of_token + row;
#endif
}

#if ENDING == 3
#include "pages.glsl"

void finish_pair(uint t, uint at, vec2 y) {
  const uint token = gl_WorkGroupID.y * TOKENS + t, head = at / (HEAD / 2), i = at % (HEAD / 2);
  if (head < query_heads + key_heads) y = turned(token, i, y);
  if (head < query_heads) {
    target.at[token * width + 2 * at] = y.x * factor;
    target.at[token * width + 2 * at + 1] = y.y * factor;
  } else {
    const bool is_key = head < query_heads + key_heads;
    store_pair(head - query_heads - (is_key ? 0 : key_heads), i, slots.at[token], is_key, y);
  }
}
#endif

// x * (1 + tanh(u)) / 2 is x / (1 + exp(-2 u)).
float gated(float gate) {
#if GATE == 1
  const float rise = 1.5957691216057308 * gate * fma(0.044715 * gate, gate, 1.0);
#else
  const float rise = gate;
#endif
  return gate / (1.0 + vf_exp(-rise));
}

// What becomes of value `v` of token `t`; of it and the next one, where rows come in pairs.
void finish(uint t, uint v, uint top, float y, float next) {
#if ENDING < 2
  const uint row = (top + v) * SUBGROUP_SIZE + lane;
  if (row < rows) {
#if ENDING == 0 && CAPPED
    target.at[index_of(t, first + row, width)] = cap * vf_tanh(y / cap);
#elif ENDING == 0
    target.at[index_of(t, first + row, width)] = y;
#else
    target.at[index_of(t, first + row, width)] += y;
#endif
  }
#else
  const uint pair = (top + v) / 2 * SUBGROUP_SIZE + lane;
  if (pair < rows) {
#if ENDING == 2
    target.at[index_of(t, first + pair, width)] = gated(y) * next;
#else
    finish_pair(t, first + pair, vec2(y, next));
#endif
  }
#endif
}

#if ENDING < 2
#define TOGETHER 1
#else
#define TOGETHER 2
#endif
// CPU drivers take seconds to compile what becomes of many tokens one after another: a loop over sums that wait in an array.
#if TOKENS > 2
#define FINISH_LOOP [[dont_unroll]]
#else
#define FINISH_LOOP [[unroll]]
#endif

void finish_all(uint top) {
  float waiting[TOKENS * VECTORS];
  [[unroll]] for (uint t = 0; t < TOKENS; ++t)
    [[unroll]] for (uint v = 0; v < VECTORS; ++v) {
      float y = sum[t][v];
#if NORM
      y *= 1.0 / sqrt(of_token(squares, t) / float(columns) + epsilon);
#endif
#if HAS_BIAS
      y += bias.at[(top + v) * SUBGROUP_SIZE + lane];
#endif
      waiting[t * VECTORS + v] = y;
    }
  FINISH_LOOP for (uint t = 0; t < TOKENS; ++t)
    FINISH_LOOP for (uint v = 0; v < VECTORS; v += TOGETHER)
      finish(t, v, top, waiting[t * VECTORS + v], waiting[t * VECTORS + v + TOGETHER - 1]);
}

void main() {
  const uint top = gl_WorkGroupID.x * VECTORS;
  uint starts[VECTORS];
  [[unroll]] for (uint v = 0; v < VECTORS; ++v) starts[v] = (top + v) * blocks * (WORDS * SUBGROUP_SIZE);
  [[unroll]] for (uint q = 0; q < LANES; ++q) squares[q] = 0.0;
  [[unroll]] for (uint t = 0; t < TOKENS; ++t) [[unroll]] for (uint v = 0; v < VECTORS; ++v) sum[t][v] = 0.0;
  const uint base = gl_WorkGroupID.y * TOKENS * columns;
  for (uint block = 0; block < blocks; ++block)
    for (uint g = 0; g < UNIT / GROUP; ++g) add_group(base, block, g, starts);
  finish_all(top);
}
