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

// `precise`: two passes over the same points see the same depths.
Spot spot_of(Globals globals, vec3 seen, float size, uint flags) {
  precise vec4 clip = globals.clip_from_eye * vec4(seen, 1.0);
  if (!(clip.z > 0.0 && clip.z <= clip.w)) return Spot(vec2(0.0), 0.0, 0.0);  // also what is not finite
  precise float depth = clip.z / clip.w;
  precise vec2 middle = (vec2(0.5, -0.5) * clip.xy / clip.w + 0.5) * globals.size;
  float sample_size = globals.sample_size.x + globals.sample_size.y * clip.w;
  float radius = 0.5 * size * ((flags & kWorld) != 0u ? 1.0 / sample_size : globals.supersample);
  bool away = any(lessThan(middle + radius, vec2(0.0))) || any(greaterThan(middle - radius, globals.size));
  return Spot(middle, away || !(size > 0.0) ? 0.0 : max(radius, 0.5), depth);
}
