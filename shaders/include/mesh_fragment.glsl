#include "mesh.glsl"

layout(location = 0) in vec3 seen;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 color;
layout(location = 3) in vec2 corner;
layout(binding = 0) uniform sampler2D picture;  // linear values, straight alpha

// The unit normal towards the eye: surfaces have two sides, whatever the order of their corners.
vec3 facing_normal() {
  vec3 own = cross(dFdx(seen), dFdy(seen));
  vec3 view = push.globals.sample_size.x > 0.0 ? push.globals.forward : seen;
  if (dot(own, own) == 0.0) own = -view;  // too small for a slope
  if (dot(own, view) > 0.0) own = -own;
  if ((push.flags & kNormals) == 0u || dot(normal, normal) == 0.0) return normalize(own);
  vec3 smooth_one = normalize(normal);
  return dot(smooth_one, own) < 0.0 ? -smooth_one : smooth_one;
}

// Premultiplied.
vec4 shaded() {
  vec4 own = color;
  if ((push.flags & kTexture) != 0u) own *= textureLod(picture, vec2(corner.x, 1.0 - corner.y), 0.0);
  return vec4(own.rgb * (light_on(push.globals, facing_normal()) * own.a), own.a);
}
