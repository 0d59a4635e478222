#include "mesh.glsl"

layout(location = 0) in vec3 normal;
#ifndef PLAIN
layout(location = 1) in vec4 color;
#endif
#ifndef ORIENTED
layout(location = 2) in vec3 seen;
layout(location = 3) in vec2 corner;
layout(binding = 0) uniform sampler2D picture;  // linear values, straight alpha
#endif

// The unit normal towards the eye: surfaces have two sides, whatever the order of their corners.
#ifdef ORIENTED
vec3 facing_normal() {
  vec3 own = dot(normal, normal) > 0.0 ? normalize(normal) : -frame.forward;
  return gl_FrontFacing ? own : -own;
}
#else
vec3 facing_normal() {
  vec3 own = cross(dFdx(seen), dFdy(seen));
  vec3 view = frame.sample_size.x > 0.0 ? frame.forward : seen;
  if (dot(own, own) == 0.0) own = -view;  // too small for a slope
  if (dot(own, view) > 0.0) own = -own;
  if ((push.flags & kNormals) == 0u || dot(normal, normal) == 0.0) return normalize(own);
  vec3 smooth_one = normalize(normal);
  return dot(smooth_one, own) < 0.0 ? -smooth_one : smooth_one;
}
#endif

// Premultiplied.
vec4 shaded() {
#ifdef PLAIN
  vec4 own = push.color;
#else
  vec4 own = color;
#endif
#ifndef ORIENTED
  if ((push.flags & kTexture) != 0u) own *= textureLod(picture, vec2(corner.x, 1.0 - corner.y), 0.0);
#endif
  return vec4(own.rgb * (light_on(facing_normal()) * own.a), own.a);
}
