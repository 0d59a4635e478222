// forge: template word=uint,float index=int
// Puts elements into an axis by index: target[o, indices[j], i] = or op= values[o, j, i]. OP_SET moves words; OP_ADD, OP_MIN
// and OP_MAX are atomic: 32-bit and 64-bit integers by the device's own operations, floats by compare and swap, as is OP_MUL.
#version 450
#include "types.glsl"
#include "team.glsl"
#include "indices.glsl"
#ifdef BITS
#define STORED BITS  // the integer of a float's size, or the integer itself
#ifdef ATOMIC64
#extension GL_EXT_shader_atomic_int64 : require
#endif
#ifndef FLOAT_BYTES
#define TO_BITS(x) (x)
#define FROM_BITS(x) (x)
#elif FLOAT_BYTES == 8
#extension GL_EXT_shader_atomic_int64 : require
#define TO_BITS(x) packUint2x32(unpackDouble2x32(x))
#define FROM_BITS(x) packDouble2x32(unpackUint2x32(x))
#else
#define TO_BITS(x) floatBitsToUint(x)
#define FROM_BITS(x) uintBitsToFloat(x)
#endif
#else
#define STORED WORD
#ifdef ATOMIC64
#extension GL_EXT_shader_atomic_int64 : require
#endif
#endif

layout(buffer_reference, scalar) buffer Target { STORED at[]; };
layout(buffer_reference, scalar) readonly buffer Indices { INDEX at[]; };
layout(buffer_reference, scalar) readonly buffer Values { WORD at[]; };

layout(push_constant, scalar) uniform Push {
  Target target;    // (outer, n, inner)
  Indices indices;  // (many)
  Values values;    // (outer, many, inner), or one
  uint count;       // outer * many * inner
  uint n;
  uint many;
  uint inner;
  uint stride;      // of values: 0 or 1
};

#ifdef BITS
WORD joined(WORD a, WORD b) {
#if defined(OP_ADD)
  return a + b;
#elif defined(OP_MUL)
  return a * b;
#elif defined(OP_MIN)
  return b < a || isnan(b) ? b : a;
#else
  return b > a || isnan(b) ? b : a;
#endif
}
#endif

void main() {
  uint id = lane_number();
  if (id >= count) return;
  uint i = id % inner, rest = id / inner;
  uint to = (rest / many * n + resolved(parted(indices.at[rest % many]), n)) * inner + i;
  WORD value = values.at[id * stride];
#if defined(BITS)
  STORED seen = target.at[to];
  for (bool done = false; !done;) {
    STORED wanted = TO_BITS(joined(FROM_BITS(seen), value));
    STORED was = wanted == seen ? seen : atomicCompSwap(target.at[to], seen, wanted);
    done = was == seen;
    seen = was;
  }
#elif defined(OP_ADD)
  atomicAdd(target.at[to], value);
#elif defined(OP_MIN)
  atomicMin(target.at[to], value);
#elif defined(OP_MAX)
  atomicMax(target.at[to], value);
#else
  target.at[to] = value;
#endif
}
