#include "stroke.glsl"

layout(location = 0) flat in vec4 ends;
layout(location = 1) flat in vec4 turns;
layout(location = 2) flat in float phase;
layout(location = 3) in vec4 color;

const float kMiterLimit = 4.0;

float cross_of(vec2 a, vec2 b) { return a.x * b.y - a.y * b.x; }

// Half open, so that lines on the grid have their width exactly.
bool in_strip(float side, float half_width) { return side >= -half_width && side < half_width; }

bool in_cap(uint cap, float beyond, float side, float half_width) {
  if (cap == kRound) return beyond * beyond + side * side < half_width * half_width;
  return cap == kSquare && beyond <= half_width && in_strip(side, half_width);
}

// Where this segment goes over into the next one, which turns from `along` to `next`; `at` is relative to the corner.
bool in_join(vec2 at, vec2 along, vec2 next, float half_width) {
  // A dash may end within half a width of its corner: only what no segment has is the join's.
  bool is_own = style.dashes == 0u || dot(at, next) <= 0.0;
  if (style.joins == kRound) return is_own && dot(at, at) < half_width * half_width;
  bool in_both = dot(at, next) <= 0.0 && in_strip(cross_of(along, at), half_width) &&
                 in_strip(cross_of(next, at), half_width);
  if (!in_both) return false;
  float half_cosine = sqrt(max(0.5 + 0.5 * dot(along, next), 0.0));  // of half the turn
  if (style.joins == kMiter && half_cosine * kMiterLimit >= 1.0) return true;
  vec2 outward = along - next;
  float far = length(outward);
  return far > 1e-6 && dot(at, outward) <= far * half_width * half_cosine;
}

// Dashes go by what lies before along the line; a stroke of the pattern has caps of its own. None begins beyond the
// line's end, or ends before its start. `along` may lie outside the segment, where the line's own caps and joins are.
bool in_dash(float along, float far, float side, float half_width) {
  const float slack = 0.01;  // samples that rounding may be off
  uint count = style.dashes;
  float total = style.ends[count - 1u], inner = clamp(along, 0.0, far), place = mod(phase + inner, total);
  float behind = turns.xy == vec2(0.0) ? inner : total, ahead = turns.zw == vec2(0.0) ? far - inner : total;
  float nearest = 1e9;
  for (uint k = 0u; k < count; k += 2u) {
    float start = k == 0u ? 0.0 : style.ends[k - 1u], end = style.ends[k];
    if (place >= start && place < end) return true;
    float before = start - place, after = place - end;
    before = before >= 0.0 ? before : before + total;
    after = after >= 0.0 ? after : after + total;
    if (before <= ahead + slack) nearest = min(nearest, before + max(-along, 0.0));
    if (after <= behind + slack) nearest = min(nearest, after + max(along - far, 0.0));
  }
  return in_cap(style.caps, nearest, side, half_width);
}

bool is_inside() {
  float half_width = style.half_width;
  vec2 way = ends.zw - ends.xy, at = gl_FragCoord.xy - ends.xy;
  float far = length(way);
  vec2 along = far > 1e-6 ? way / far : vec2(1.0, 0.0);
  float place = dot(at, along), side = cross_of(along, at);
  bool inside;
  if (place < 0.0) {
    inside = turns.xy == vec2(0.0) && in_cap(style.caps, -place, side, half_width);
  } else if (place > far) {
    inside = turns.zw == vec2(0.0) ? in_cap(style.caps, place - far, side, half_width)
                                   : in_join(at - way, along, turns.zw, half_width);
  } else if (far > 1e-6) {
    inside = in_strip(side, half_width);
  } else {  // a point has no body, only caps
    inside = in_cap(style.caps, 0.0, side, half_width);
  }
  return inside && (style.dashes == 0u || in_dash(place, far, side, half_width));
}
