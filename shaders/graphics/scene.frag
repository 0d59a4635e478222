// Colour and light of each pixel come from the heights themselves, however coarse the mesh is.
#version 450
#include "scene_surface.glsl"

layout(location = 0) in vec2 place;
layout(location = 1) in float hole;
layout(binding = 0) uniform sampler2D lut;  // (256, 1), linear values
layout(location = 0) out vec4 color;

const float AMBIENT = 0.15;

// Rise of the heights along one axis, in samples to either side; towards an edge or a hole from what is there.
float rise(vec2 p, vec2 axis, float own) {
  vec2 after = min(p + axis, last_sample()), before = max(p - axis, vec2(0.0));
  float high = height_at(after), low = height_at(before);
  bool no_high = is_hole(high), no_low = is_hole(low);
  vec2 across = (no_high ? p : after) - (no_low ? p : before);
  return ((no_high ? own : high) - (no_low ? own : low)) / max(dot(across, axis), 1e-6);
}

void main() {
  vec2 p = clamp(place, vec2(0.0), last_sample());  // a pixel at the silhouette may have its middle outside
  float h = height_at(p);
  if (hole > 0.0 || is_hole(h)) discard;
  vec2 slope = vec2(rise(p, vec2(1.0, 0.0), h), rise(p, vec2(0.0, 1.0), h)) * last_sample();
  slope *= push.globals.exaggeration / (SIDE * push.globals.spacing);
  float facing = dot(normalize(vec3(-slope.x, 1.0, -slope.y)), push.globals.sun);
  float t = clamp(0.5 + 0.5 * h / push.globals.height_range, 0.0, 1.0);
  vec3 albedo = textureLod(lut, vec2((t * 255.0 + 0.5) / 256.0, 0.5), 0.0).rgb;
  color = vec4(albedo * (mix(AMBIENT, 1.0, max(facing, 0.0)) * push.globals.exposure), 1.0);
}
