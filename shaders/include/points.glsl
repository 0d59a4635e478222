// Points as round spots of a size in pixels or in world units.
#include "frame.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Places { vec3 at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Sizes { float at[]; };

const uint kSizes = 1u, kColors = 2u, kWorld = 4u, kListed = 8u;

struct Spot {
  vec2 middle;   // samples from the target's upper left corner
  float radius;  // samples; 0: not to be seen
  float depth;
};

// Marks on the ground come forward, so that it does not hide their lower half.
float forward_by(vec3 seen, vec4 clip, float radius) {
  bool parallel = frame.sample_size.x > 0.0;
  vec3 ray = mix(normalize(seen), frame.forward, bvec3(parallel));
  precise float down = max(abs(ray.z), 0.24), grazing = min(sqrt(max(1.0 - down * down, 0.0)) / down, 4.0);
  precise float forward = radius * grazing;
  mat4 m = frame.clip_from_eye;
  precise float nearer = clip.z / (clip.w - min(forward, 0.5 * clip.w));
  precise float moved = clip.z + forward * length(vec3(m[0].z, m[1].z, m[2].z));
  return min(mix(nearer, moved, parallel), 1.0);
}

// `precise`: two passes over the same points see the same depths.
Spot spot_of(vec3 seen, float size, uint flags) {
  precise vec4 clip = frame.clip_from_eye * vec4(seen, 1.0);
  if (!(clip.z > 0.0 && clip.z <= clip.w)) return Spot(vec2(0.0), 0.0, 0.0);  // also what is not finite
  float sample_size = frame.sample_size.x + frame.sample_size.y * clip.w;
  precise float depth = clip.z / clip.w;
  precise vec2 middle = (vec2(0.5, -0.5) * clip.xy / clip.w + 0.5) * frame.size;
  float radius = 0.5 * size * ((flags & kWorld) != 0u ? 1.0 / sample_size : frame.supersample);
  depth = mix(depth, forward_by(seen, clip, radius * sample_size), (flags & kWorld) == 0u);
  bool away = any(lessThan(middle + radius, vec2(0.0))) || any(greaterThan(middle - radius, frame.size));
  return Spot(middle, away || !(size > 0.0) ? 0.0 : max(radius, 0.5), depth);
}
