// forge: template
// Small points, straight into samples: the nearest of each is kept as depth and number. With 64-bit atomics (WIDE) both are
// one word; without them a first pass finds depths and a second one (OWNERS) the last of the points that have it.
// Points beyond a radius of `most` go into a list, for the rasteriser.
#version 450
#include "types.glsl"
#ifdef WIDE
#extension GL_EXT_shader_atomic_int64 : require
#endif
#include "grid.glsl"
#include "points.glsl"

layout(local_size_x = 64) in;

#ifdef WIDE
layout(buffer_reference, scalar) buffer Depths { uint64_t at[]; };
#else
layout(buffer_reference, scalar) buffer Depths { uint at[]; };
#endif
layout(buffer_reference, scalar) buffer Owners { uint at[]; };
layout(buffer_reference, scalar) buffer Large {
  uint vertices;  // an indirect draw: 6 of each
  uint rest[3];
  uint at[];
};

layout(push_constant, scalar) uniform Push {
  Places places;   // (count), relative to the points' origin
  Sizes sizes;     // (count); only with kSizes
  Depths depths;   // (samples): depth, or depth and number; 0: nothing
  Owners owners;   // (samples): numbers from 1; only without WIDE
  Large large;
  vec3 eye;
  vec3 eye_rest;
  float size;
  float most;      // samples
  uint flags;
  uint count;
} push;

void mark(uint place, float depth, uint number) {
  uint bits = floatBitsToUint(depth);
#if defined(WIDE)
  uint64_t word = packUint2x32(uvec2(number, bits));
  if (push.depths.at[place] < word) atomicMax(push.depths.at[place], word);
#elif defined(OWNERS)
  if (push.depths.at[place] == bits) atomicMax(push.owners.at[place], number);
#else
  if (push.depths.at[place] < bits) atomicMax(push.depths.at[place], bits);
#endif
}

void main() {
  uint i = group_index() * 64u + gl_LocalInvocationIndex;
  if (i >= push.count) return;
  const uint flags = push.flags | never(i);
  float size = (flags & kSizes) != 0u ? push.sizes.at[i] : push.size;
  Spot spot = spot_of(seen_from(push.places.at[i], push.eye, push.eye_rest), size, flags);
  if (spot.radius == 0.0) return;
  if (spot.radius > push.most) {
#ifndef OWNERS
    if ((flags & kListed) != 0u) push.large.at[atomicAdd(push.large.vertices, 6u) / 6u] = i;
#endif
    return;
  }
  ivec2 own = ivec2(floor(spot.middle)), last = ivec2(frame.size) - 1;
  ivec2 low = max(ivec2(floor(spot.middle - spot.radius + 0.5)), ivec2(0));
  ivec2 high = min(ivec2(floor(spot.middle + spot.radius - 0.5)), last);
  float reach = spot.radius * spot.radius;
  uint width = uint(frame.size.x);
  for (int y = low.y; y <= high.y; ++y)
    for (int x = low.x; x <= high.x; ++x) {
      vec2 away = vec2(x, y) + 0.5 - spot.middle;
      if (dot(away, away) < reach && ivec2(x, y) != own) mark(uint(y) * width + uint(x), spot.depth, i + 1u);
    }
  // The sample it lies in, however small it is.
  if (all(greaterThanEqual(own, ivec2(0))) && all(lessThanEqual(own, last)))
    mark(uint(own.y) * width + uint(own.x), spot.depth, i + 1u);
}
