// forge: template
// What windows over up to three axes hold: the largest element and its place, or a mean, or a norm.
#version 450
#include "types.glsl"
#include "grid.glsl"

#ifndef TYPE
#define TYPE float
#define MAXIMUM
#endif

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) readonly buffer Source { TYPE at[]; };
layout(buffer_reference, scalar) writeonly buffer Target { TYPE at[]; };
layout(buffer_reference, scalar) writeonly buffer Places { int at[]; };

layout(push_constant, scalar) uniform Push {
  Source source;   // (planes, inner)
  Target target;   // (planes, outer)
  Places places;   // the same; WITH_PLACES alone
  uint count;      // planes * outer
  uvec3 inner;
  uvec3 outer;
  uvec3 kernel;
  uvec3 stride;
  uvec3 dilation;
  ivec3 before;    // padding
  uvec3 padded;    // COUNT_PADDING: where what counts as padding ends, from the input's start on
  float power;     // of the norm
};

void main() {
  const uint id = group_index() * 64 + gl_LocalInvocationID.x;
  if (id >= count) return;
  const uvec3 out_at = uvec3(id / (outer.z * outer.y) % outer.x, id / outer.z % outer.y, id % outer.z);
  const uint plane = id / (outer.x * outer.y * outer.z), from = plane * inner.x * inner.y * inner.z;
  const ivec3 corner = ivec3(out_at * stride) - before;
#ifdef MAXIMUM
  TYPE best = TYPE(uintBitsToFloat(0xff800000u));
  uint place = 0;
  bool found = false;
#else
  TYPE sum = TYPE(0);
  uint seen = 0;
#endif
  for (uint x = 0; x < kernel.x; ++x)
    for (uint y = 0; y < kernel.y; ++y)
      for (uint z = 0; z < kernel.z; ++z) {
        const ivec3 at = corner + ivec3(uvec3(x, y, z) * dilation);
        const bool inside = all(greaterThanEqual(at, ivec3(0))) && all(lessThan(at, ivec3(inner)));
        const uvec3 held = uvec3(clamp(at, ivec3(0), ivec3(inner) - 1));
        const TYPE value = source.at[from + (held.x * inner.y + held.y) * inner.z + held.z];
#ifdef MAXIMUM
        if (inside && (!found || value > best || isnan(value))) {
          best = value;
          found = true;
#ifdef BY_COLUMNS
          place = from + (held.z * inner.y + held.y) * inner.x + held.x;
          if (inner.x == 1) place = from + held.z * inner.y + held.y;
#else
          place = from + (held.x * inner.y + held.y) * inner.z + held.z;
#endif
        }
#else
#ifdef NORM
        if (inside) sum += TYPE(pow(float(abs(value)), power));
#else
        if (inside) sum += value;
#endif
#ifdef COUNT_PADDING
        if (all(lessThan(at, ivec3(padded)))) ++seen;
#else
        if (inside) ++seen;
#endif
#endif
      }
#ifdef MAXIMUM
  target.at[id] = best;
#ifdef WITH_PLACES
  places.at[id] = int(place);
#endif
#elif defined(NORM)
  target.at[id] = TYPE(pow(float(sum), 1.0 / power));
#else
  target.at[id] = sum / TYPE(max(seen, 1));
#endif
}
