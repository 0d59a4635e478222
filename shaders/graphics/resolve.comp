// forge: template
// Samples become pixels: their mean in linear light, then straight alpha and sRGB bytes. DOME darkens what lies behind its
// neighbours (eye-dome lighting, Boucheny 2009), so that clouds of points have a shape.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(binding = 0) uniform sampler2D samples;  // linear, premultiplied
layout(buffer_reference, scalar) writeonly buffer Pixels { uint at[]; };

layout(buffer_reference, scalar) readonly buffer Depths { float at[]; };

layout(push_constant, scalar) uniform Push {
  Pixels pixels;  // (height, width) RGBA bytes
  uint width;
  uint height;
  uint across;    // samples along each side of a pixel
  Depths depths;  // (samples), reversed; only with DOME
  float dome;     // how strong
  float near;     // world units
  float range;    // of depths of parallel rays; 0: perspective
};

#ifdef DOME
const int kAround = 8;
const ivec2 kPlaces[kAround] = ivec2[](ivec2(1, 0), ivec2(-1, 0), ivec2(0, 1), ivec2(0, -1), ivec2(1, 1), ivec2(-1, 1),
                                       ivec2(1, -1), ivec2(-1, -1));

// Binary logarithm of the distance at a pixel's middle; 0 depth is infinitely far.
float distance_at(ivec2 pixel) {
  pixel = clamp(pixel, ivec2(0), ivec2(width, height) - 1);
  uint row = uint(pixel.y) * across + across / 2u, column = uint(pixel.x) * across + across / 2u;
  float depth = depths.at[row * width * across + column];
  if (depth <= 0.0) return 1e30;
  return log2(range > 0.0 ? near + (1.0 - depth) * range : near / depth);
}

float dome_shade(ivec2 pixel) {
  float own = distance_at(pixel), sum = 0.0;
  if (own > 1e29) return 1.0;
  for (int i = 0; i < kAround; ++i) sum += max(own - distance_at(pixel + kPlaces[i]), 0.0);
  return exp(-dome * 300.0 / float(kAround) * sum);
}
#endif

vec3 encoded(vec3 light) {
  return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, lessThanEqual(light, vec3(0.0031308)));
}

void main() {
  uvec2 pixel = gl_GlobalInvocationID.xy;
  if (pixel.x >= width) return;
  vec4 sum = vec4(0.0);
  for (uint y = 0u; y < across; ++y)
    for (uint x = 0u; x < across; ++x) sum += texelFetch(samples, ivec2(pixel * across + uvec2(x, y)), 0);
  float alpha = clamp(sum.a / float(across * across), 0.0, 1.0);
  vec3 light = sum.a > 0.0 ? clamp(sum.rgb / sum.a, 0.0, 1.0) : vec3(0.0);
#ifdef DOME
  light *= dome_shade(ivec2(pixel));
#endif
  uvec4 bytes = uvec4(vec4(encoded(light), alpha) * 255.0 + 0.5);
  pixels.at[pixel.y * width + pixel.x] = bytes.r | bytes.g << 8 | bytes.b << 16 | bytes.a << 24;
}
