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

// Of taps at `corner + t * step`: the first inside of an axis, and the one behind the last.
uvec2 taps_inside(int corner, uint step, uint taps, uint extent) {
  const uint first = corner < 0 ? (uint(-corner) + step - 1) / step : 0;
  const int rest = int(extent) - corner;
  const uint end = rest > 0 ? min(taps, (uint(rest) + step - 1) / step) : 0;
  return uvec2(min(first, end), end);
}

void main() {
  const uint id = group_index() * 64 + gl_LocalInvocationID.x;
  if (id >= count) return;
  const uvec3 out_at = uvec3(id / (outer.z * outer.y) % outer.x, id / outer.z % outer.y, id % outer.z);
  const uint plane = id / (outer.x * outer.y * outer.z), from = plane * inner.x * inner.y * inner.z;
  const ivec3 corner = ivec3(out_at * stride) - before;
  const uvec2 xs = taps_inside(corner.x, dilation.x, kernel.x, inner.x);
  const uvec2 ys = taps_inside(corner.y, dilation.y, kernel.y, inner.y);
  const uvec2 zs = taps_inside(corner.z, dilation.z, kernel.z, inner.z);
  // The places of the first tap, and steps to the next, in elements: the loops hold a load and little else.
  const uint first = from + ((uint(corner.x) + xs.x * dilation.x) * inner.y + uint(corner.y) + ys.x * dilation.y) * inner.z +
                     uint(corner.z) + zs.x * dilation.z;
  const uint step_x = dilation.x * inner.y * inner.z, step_y = dilation.y * inner.z, step_z = dilation.z;
#ifdef MAXIMUM
  TYPE best = TYPE(uintBitsToFloat(0xff800000u));
  uint best_at = first;
#else
  TYPE sum = TYPE(0);
#endif
  for (uint x = xs.x, at_x = first; x < xs.y; ++x, at_x += step_x)
    for (uint y = ys.x, at_y = at_x; y < ys.y; ++y, at_y += step_y)
      for (uint z = zs.x, at = at_y; z < zs.y; ++z, at += step_z) {
        const TYPE value = source.at[at];
#ifdef MAXIMUM
        const bool better = value > best || isnan(value);
        best = better ? value : best;
#ifdef WITH_PLACES
        best_at = better ? at : best_at;
#endif
#elif defined(NORM)
        sum += TYPE(pow(float(abs(value)), power));
#else
        sum += value;
#endif
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
  target.at[id] = TYPE(pow(float(sum), 1.0 / power));
#else
#ifdef COUNT_PADDING
  const uint seen = taps_inside(corner.x, dilation.x, kernel.x, padded.x).y *
                    taps_inside(corner.y, dilation.y, kernel.y, padded.y).y *
                    taps_inside(corner.z, dilation.z, kernel.z, padded.z).y;
#else
  const uint seen = (xs.y - xs.x) * (ys.y - ys.x) * (zs.y - zs.x);
#endif
  target.at[id] = sum / TYPE(max(seen, 1));
#endif
}
