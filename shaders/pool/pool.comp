// forge: template
// What windows over up to three axes hold: the largest element and its place, or a mean, or a norm. Loops run over all taps of
// every window, alike in all lanes, and what lies outside counts for nothing: small windows (TAPS_X, ...) are straight code.
#version 450
#include "types.glsl"
#include "divide.glsl"
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
  uvec3 extra;     // COUNT_PADDING: where what counts as padding ends, from the input's start on. NORM: (power, 0, 0)
  uvec3 magic;     // divide() by `outer`
  uint shifts;     // 8 bits each
};

#ifdef TAPS_X
#define EACH_TAP(t, taps) [[unroll]] for (uint t = 0; t < taps; ++t)
#else
#define TAPS_X kernel.x
#define TAPS_Y kernel.y
#define TAPS_Z kernel.z
#define EACH_TAP(t, taps) [[dont_unroll]] for (uint t = 0; t < taps; ++t)
#endif

uint divided(uint value, uint axis) {
  return divide(value, uvec3(magic[axis], magic[axis] == 0 ? 1 : 0, shifts >> 8 * axis & 255u));
}

#ifdef COUNT_PADDING
#define COUNTS(place, axis) (place < int(extra[axis]) ? 1u : 0u)
#else
#define COUNTS(place, axis) (uint(place) < inner[axis] ? 1u : 0u)
#endif

void main() {
  const uint id = group_index() * 64 + gl_LocalInvocationID.x;
  if (id >= count) return;
  const uint line = divided(id, 2), sheet = divided(line, 1), plane = divided(sheet, 0);
  const uvec3 out_at = uvec3(sheet - plane * outer.x, line - sheet * outer.y, id - line * outer.z);
  const uint from = plane * inner.x * inner.y * inner.z;
  const ivec3 corner = ivec3(out_at * stride) - before;
#ifdef MAXIMUM
  TYPE best = TYPE(uintBitsToFloat(0xff800000u));
  uint best_at = from;
  bool none = true;
#else
  TYPE sum = TYPE(0);
  uvec3 seen = uvec3(0);
#endif
  EACH_TAP(x, TAPS_X) {
    const int x_at = corner.x + int(x * dilation.x);
    const bool x_inside = uint(x_at) < inner.x;
#ifndef MAXIMUM
    seen.x += COUNTS(x_at, 0);
    seen.y = 0;
#endif
    EACH_TAP(y, TAPS_Y) {
      const int y_at = corner.y + int(y * dilation.y);
      const bool row_inside = x_inside && uint(y_at) < inner.y;
      const uint row = from + (uint(x_at) * inner.y + uint(y_at)) * inner.z;
#ifndef MAXIMUM
      seen.y += COUNTS(y_at, 1);
      seen.z = 0;
#endif
      EACH_TAP(z, TAPS_Z) {
        const int z_at = corner.z + int(z * dilation.z);
        const bool inside = row_inside && uint(z_at) < inner.z;
        const uint at = inside ? row + uint(z_at) : from;
        const TYPE value = source.at[at];
#ifdef MAXIMUM
        const bool better = inside && (none || value > best || isnan(value));
        best = better ? value : best;
        best_at = better ? at : best_at;
        none = none && !inside;
#else
        seen.z += COUNTS(z_at, 2);
#ifdef NORM
        sum += inside ? TYPE(pow(float(abs(value)), uintBitsToFloat(extra.x))) : TYPE(0);
#else
        sum += inside ? value : TYPE(0);
#endif
#endif
      }
    }
  }
#ifdef MAXIMUM
  target.at[id] = best;
#ifdef WITH_PLACES
#ifdef BY_COLUMNS
  const uint in_plane = best_at - from, row_of = in_plane / inner.z, z_at = in_plane % inner.z;
  const uint x_at = row_of / inner.y, y_at = row_of % inner.y;
  best_at = from + (inner.x == 1 ? z_at * inner.y + y_at : (z_at * inner.y + y_at) * inner.x + x_at);
#endif
  places.at[id] = int(best_at);
#endif
#elif defined(NORM)
  target.at[id] = TYPE(pow(float(sum), 1.0 / uintBitsToFloat(extra.x)));
#else
  target.at[id] = sum / TYPE(max(seen.x * seen.y * seen.z, 1u));
#endif
}
