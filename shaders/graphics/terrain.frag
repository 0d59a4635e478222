#version 450
#include "terrain_mesh.glsl"

layout(location = 0) in vec2 place;
layout(location = 1) in float height;
layout(location = 2) in float hole;
layout(binding = 0) uniform sampler2D lut;  // (256, 1), linear values
layout(location = 0) out vec4 color;

float shade_at(ivec2 p) {
  p = clamp(p, ivec2(0), ivec2(int(push.columns), int(push.rows)) - 1);
  return push.shade.at[uint(p.y) * push.columns + uint(p.x)];
}

// Between cells by the smooth cubic of uniform B-splines: no facets show, however close the camera comes.
float shade_between(vec2 p) {
  ivec2 cell = ivec2(floor(p));
  vec2 t = p - vec2(cell);
  vec2 t2 = t * t, t3 = t2 * t;
  vec2 w[4] = vec2[](1.0 - 3.0 * t + 3.0 * t2 - t3, 4.0 - 6.0 * t2 + 3.0 * t3, 1.0 + 3.0 * (t + t2 - t3), t3);
  float sum = 0.0;
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 4; ++x) sum += w[x].x * w[y].y * shade_at(cell + ivec2(x - 1, y - 1));
  return sum / 36.0;
}

void main() {
  if (hole > 0.0) discard;
  float t = clamp((height - push.low) * push.inverse_range, 0.0, 1.0);
  vec3 albedo = textureLod(lut, vec2((t * 255.0 + 0.5) / 256.0, 0.5), 0.0).rgb;
  vec3 light = albedo * (shade_between(place) * push.exposure);
  if (push.tone == 1u) light = light / (1.0 + light);
  color = vec4(light, 1.0);
}
