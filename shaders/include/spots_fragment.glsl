#include "spots.glsl"

layout(location = 0) flat in vec3 circle;
layout(location = 1) flat in vec4 color;

// As splat.comp: the sample that the middle lies in belongs to it, however small it is.
bool is_outside() {
  vec2 away = gl_FragCoord.xy - circle.xy;
  return dot(away, away) >= circle.z * circle.z && any(notEqual(floor(gl_FragCoord.xy), floor(circle.xy)));
}
