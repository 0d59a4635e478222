// forge: template kind=words,uniform,normal,integers wide=0,1
// Values of a Philox generator from any of its positions on; docs/random.md says which word makes which value.
#version 450
#include "types.glsl"
#include "philox.glsl"

// WIDE: a value takes two words. STORE: the type of integers; STORE_WIDE where it is uvec2.
#if WIDE && (defined(KIND_UNIFORM) || defined(KIND_NORMAL))
#include "philox_double.glsl"
#define VALUE double
#elif defined(KIND_UNIFORM) || defined(KIND_NORMAL)
#define VALUE float
#elif defined(KIND_INTEGERS) && defined(STORE)
#define VALUE STORE
#elif WIDE
#define VALUE uvec2
#ifndef STORE_WIDE
#define STORE_WIDE
#endif
#else
#define VALUE uint
#endif

layout(local_size_x = 64) in;
const uint kBlocks = 4;      // blocks of four words to an invocation
const uint kMostTries = 255; // a try fails with a chance below one half

layout(buffer_reference, scalar) writeonly buffer Target { VALUE at[]; };

layout(push_constant, scalar) uniform Push {
  Target target;
  uvec2 key;
  uvec2 first;   // the block of four words that the first value lies in
  uvec2 stream;
  uint skipped;  // words of that block before the first value
  uint count;    // values
  uvec2 low;     // integers: the least; floats: the bits of an offset
  uvec2 range;   // integers: how many, 0 for all; floats: the bits of a factor
  uvec2 reject;  // integers: 2^32 or 2^64 modulo range; uniform: the bits of the most a value may be
};

uvec4 words_of(uint block, uint attempt) {
  uint carry;
  uint lower = uaddCarry(first.x, block, carry);
  return philox(uvec4(lower, first.y + carry, stream.x, stream.y | attempt << 24), key);
}

// The upper and the lower half of a product.
void multiply(uint a, uint b, out uint upper, out uint lower) { umulExtended(a, b, upper, lower); }

uvec2 add(uvec2 a, uvec2 b) {
  uint carry;
  uint lower = uaddCarry(a.x, b.x, carry);
  return uvec2(lower, a.y + b.y + carry);
}

void multiply(uvec2 a, uvec2 b, out uvec2 upper, out uvec2 lower) {
  uvec2 cross, other, top;
  umulExtended(a.x, b.x, lower.y, lower.x);
  umulExtended(a.x, b.y, cross.y, cross.x);
  umulExtended(a.y, b.x, other.y, other.x);
  umulExtended(a.y, b.y, top.y, top.x);
  uint carry, carried;
  lower.y = uaddCarry(lower.y, cross.x, carry);
  lower.y = uaddCarry(lower.y, other.x, carried);
  upper = add(add(top, uvec2(cross.y, 0)), add(uvec2(other.y, 0), uvec2(carry + carried, 0)));
}

bool less(uint a, uint b) { return a < b; }
bool less(uvec2 a, uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }

#if WIDE
#define WORD uvec2
#define RANGE range
#define REJECT reject
#define PICK(words, c) uvec2(words[c], words[(c) + 1])
#else
#define WORD uint
#define RANGE range.x
#define REJECT reject.x
#define PICK(words, c) words[c]
#endif

#if WIDE && !defined(KIND_INTEGERS)
#define FLOAT(bits) packDouble2x32(bits)
#define UNIFORM philox_uniform_double
#define NORMAL philox_normal_double
#else
#define FLOAT(bits) uintBitsToFloat(bits.x)
#define UNIFORM philox_uniform
#define NORMAL philox_normal
#endif

#if defined(KIND_UNIFORM)
VALUE value_of(WORD word, uint block, uint c) {
  precise VALUE value = FLOAT(low) + FLOAT(range) * UNIFORM(word);
  return min(value, FLOAT(reject));  // a sum may round up to the bound itself
}
#elif defined(KIND_NORMAL)
VALUE value_of(WORD word, uint block, uint c) {
  precise VALUE value = FLOAT(low) + FLOAT(range) * NORMAL(word);
  return value;
}
#elif defined(KIND_INTEGERS)
// Lemire's method: the upper half of word times range, unless the lower half falls among the few that come once too often.
VALUE value_of(WORD word, uint block, uint c) {
  WORD upper, lower;
  if (RANGE == WORD(0)) {
    upper = word;
  } else {
    multiply(word, RANGE, upper, lower);
    for (uint attempt = 1; less(lower, REJECT) && attempt < kMostTries; ++attempt) {
      uvec4 words = words_of(block, attempt);
      multiply(PICK(words, c), RANGE, upper, lower);
    }
  }
#if WIDE
  uvec2 value = add(low, upper);
#else
  uvec2 value = add(low, uvec2(upper, 0));
#endif
#ifdef STORE_WIDE
  return value;
#else
  return VALUE(value.x);
#endif
}
#else
VALUE value_of(WORD word, uint block, uint c) { return word; }
#endif

void main() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  for (uint i = 0; i < kBlocks; ++i) {
    uint block = (group * kBlocks + i) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    uvec4 words = words_of(block, 0);
    [[unroll]] for (uint c = 0; c < 4; c += 1 + WIDE) {
      uint word = block * 4 + c, index = (word - skipped) / (1 + WIDE);
      if (word >= skipped && index < count) target.at[index] = value_of(PICK(words, c), block, c);
    }
  }
}
