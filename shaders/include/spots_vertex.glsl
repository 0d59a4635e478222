#include "spots.glsl"

layout(location = 0) flat out vec3 circle;  // middle and radius, samples
layout(location = 1) flat out vec4 color;

void main() {
  uint corner = uint(gl_VertexIndex) % 6u, i = uint(gl_VertexIndex) / 6u;
  if ((push.flags & kListed) != 0u) i = push.list.at[i];
  float size = (push.flags & kSizes) != 0u ? push.sizes.at[i] : push.size;
  Spot spot = spot_of(seen_from(push.places.at[i], push.eye, push.eye_rest), size, push.flags);
  vec2 sides = vec2(corner == 1u || corner == 3u || corner == 4u ? 1.0 : -1.0,
                    corner == 2u || corner == 4u || corner == 5u ? 1.0 : -1.0);
  circle = vec3(spot.middle, spot.radius);
  vec2 place = spot.middle + sides * (spot.radius + 1.0);
  color = (push.flags & kColors) != 0u ? push.color * linear_color(push.colors.at[i]) : push.color;
  vec2 device = (place / frame.size - 0.5) * vec2(2.0, -2.0);
  gl_Position = spot.radius > 0.0 ? vec4(device, spot.depth, 1.0) : vec4(2.0, 2.0, 0.0, 1.0);
}
