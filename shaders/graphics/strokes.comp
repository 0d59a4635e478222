// Segments of lines as they lie in the picture: cut off in front of the eye, nudged towards it, with their lengths there.
#version 450
#include "types.glsl"
#include "grid.glsl"
#include "lines.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar) writeonly buffer Lengths { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Places places;      // relative to the lines' origin
  Segments segments;  // points: the one before, both ends, the one after; no other one is the end itself
  Strokes strokes;
  Lengths lengths;    // in parts of the dashes' pattern, 2**32 to the whole; only with dashes
  uint count;
} push;

vec3 seen_at(uint i) { return seen_from(push.places.at[i], style.eye, style.eye_rest); }
vec4 clip_at(vec3 seen) { return frame.clip_from_eye * vec4(seen, 1.0); }
bool is_finite(vec4 v) { return !any(isnan(v)) && !any(isinf(v)); }

// How far behind the eye's near plane a point is; above 0 it is not seen.
float hidden(vec4 clip) { return clip.z - clip.w; }

vec2 place_of(vec4 clip) { return (vec2(0.5, -0.5) * clip.xy / clip.w + 0.5) * frame.size; }

// On slopes the ground rises within a line's width; a slope of the ground's kind is a ray that grazes it.
float nudged(vec3 seen, vec4 clip) {
  bool parallel = frame.sample_size.x > 0.0;
  vec3 ray = mix(normalize(seen), frame.forward, bvec3(parallel));
  float down = max(abs(ray.z), 0.24), grazing = min(sqrt(max(1.0 - down * down, 0.0)) / down, 4.0);
  float forward = style.nudge * (0.5 + grazing) *
                  (frame.sample_size.x + frame.sample_size.y * clip.w);
  mat4 m = frame.clip_from_eye;
  float nearer = clip.z / (clip.w - min(forward, 0.5 * clip.w));
  float moved = clip.z + forward * length(vec3(m[0].z, m[1].z, m[2].z));
  return min(mix(nearer, moved, parallel), 1.0);
}

// Unit direction from one point of the picture to another; 0 where they are the same.
vec2 direction(vec2 from, vec2 to) {
  vec2 way = to - from;
  float far = length(way);
  return far > 1e-6 ? way / far : vec2(0.0);
}

// The direction towards `end` from its neighbour, as far as that is in front of the eye.
vec2 turn_at(vec4 end, uint neighbour, uint own) {
  if (neighbour == own) return vec2(0.0);
  vec4 other = clip_at(seen_at(neighbour));
  if (!is_finite(other)) return vec2(0.0);
  float out_of = hidden(other), into = hidden(end);
  if (out_of > 0.0) other = mix(end, other, into / (into - out_of) * 0.999);
  return direction(place_of(other), place_of(end));
}

// What is left of a length once whole patterns are taken off. Sums of these go round as the pattern does: however long a
// line is, its dashes are as exact as those of each segment.
uint part_of_pattern(float length) {
  float patterns = length / style.ends[style.dashes - 1u];
  return uint(min(fract(patterns) * 4294967296.0, 4294967040.0));
}

void main() {
  uint i = group_index() * 64u + gl_LocalInvocationIndex;
  if (i >= push.count) return;
  const bool is_dashed = (style.dashes | never(i)) > 0u;
  uvec4 points = push.segments.at[i];
  vec3 from = seen_at(points.y), to = seen_at(points.z);
  vec4 a = clip_at(from), b = clip_at(to);
  float a_hidden = hidden(a), b_hidden = hidden(b);
  if (!is_finite(a) || !is_finite(b) || (a_hidden > 0.0 && b_hidden > 0.0)) {
    push.strokes.at[i] = Stroke(vec4(0.0), vec4(0.0), vec2(-1.0), vec2(0.0));
    if (is_dashed) push.lengths.at[i] = 0u;
    return;
  }
  vec2 parts = vec2(a_hidden > 0.0 ? a_hidden / (a_hidden - b_hidden) : 0.0,
                    b_hidden > 0.0 ? a_hidden / (a_hidden - b_hidden) : 1.0);
  vec4 first = mix(a, b, parts.x), last = mix(a, b, parts.y);
  vec4 ends = vec4(place_of(first), place_of(last));
  vec2 before = a_hidden > 0.0 ? vec2(0.0) : turn_at(a, points.x, points.y);
  vec2 after = b_hidden > 0.0 ? vec2(0.0) : -turn_at(b, points.w, points.z);
  push.strokes.at[i] = Stroke(ends, vec4(before, after),
                              vec2(nudged(mix(from, to, parts.x), first), nudged(mix(from, to, parts.y), last)), parts);
  if (is_dashed) push.lengths.at[i] = part_of_pattern(distance(ends.xy, ends.zw));
}
