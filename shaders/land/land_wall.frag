// forge: paint=bare,full,layers
#version 450
#include "land.glsl"
#include "land_push.glsl"

layout(location = 0) in vec2 place;
layout(location = 1) in float height;
layout(location = 2) in float top;
layout(location = 3) in flat uint facing;

layout(location = 0) out vec4 color;
#ifdef PAINT_LAYERS
layout(location = 1) out vec4 seen;
#else
layout(location = 1) out uint id;
#endif

void main() {
#ifdef PAINT_LAYERS
  color = vec4(facing == 1u ? 1.0 : facing == 3u ? -1.0 : 0.0, facing == 2u ? 1.0 : facing == 0u ? -1.0 : 0.0, 0.0, 1.0);
  seen = land.eye * vec4(place, height, 1.0);
#else
  float part = clamp((height - land.base) / max(top - land.base, 1e-9), 0.0, 1.0);
  vec3 stone = land.stone * (land.wall_light[facing] * mix(land.sheltered, 1.0, part));
#ifdef PAINT_FULL
  vec3 wet = mix(land.shallow, land.deep, 1.0 - exp(-(land.water - height) * land.per_depth)) * land.wall_light[facing];
  stone = mix(stone, wet, height > top ? 1.0 : 0.0);
#endif
  color = vec4(stone, 1.0);
  id = land.id;
#endif
}
