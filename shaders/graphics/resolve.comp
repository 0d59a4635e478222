// forge: finish=one,four,many,dome
// Samples become pixels: their mean in linear light, then straight alpha and sRGB bytes. DOME darkens what lies behind its
// neighbours (eye-dome lighting, Boucheny 2009), so that clouds of points have a shape.
#version 450
#include "types.glsl"
#include "grid.glsl"
#include "whole.glsl"

layout(local_size_x = 64) in;

layout(binding = 0) uniform sampler2D samples;  // linear, premultiplied
layout(buffer_reference, scalar, buffer_reference_align = 16) writeonly buffer Pixels { uvec4 at[]; };

layout(buffer_reference, scalar) readonly buffer Depths { float at[]; };

layout(push_constant, scalar) uniform Push {
  Pixels pixels;  // (height, width) RGBA bytes, with room for whole runs
  uint width;
  uint height;
  uint runs;
  uint across;    // samples along each side of a pixel
  Depths depths;  // (samples), reversed; only with DOME
  float dome;     // how strong
  float near;     // world units
  float range;    // of depths of parallel rays; 0: perspective
};

const int kRun = 8;  // pixels of an invocation, which follow each other in memory

#ifdef FINISH_DOME
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

vec4 light_of(ivec2 pixel) {
#if defined(FINISH_ONE)
  return texelFetch(samples, pixel, 0);
#elif defined(FINISH_FOUR)
  ivec2 a = 2 * pixel;
  return 0.25 * (texelFetch(samples, a, 0) + texelFetch(samples, a + ivec2(1, 0), 0) +
                 texelFetch(samples, a + ivec2(0, 1), 0) + texelFetch(samples, a + 1, 0));
#else
  vec4 sum = vec4(0.0);
  for (uint y = 0u; y < across; ++y)
    for (uint x = 0u; x < across; ++x) sum += texelFetch(samples, pixel * int(across) + ivec2(x, y), 0);
  return sum / float(across * across);
#endif
}

uint bytes_of(ivec2 pixel) {
  vec4 mean = light_of(pixel);
  vec3 light = mean.a > 0.0 ? clamp(mean.rgb / mean.a, 0.0, 1.0) : vec3(0.0);
#ifdef FINISH_DOME
  light *= dome_shade(pixel);
#endif
  uvec4 bytes = nearest_whole(vec4(encoded(light), clamp(mean.a, 0.0, 1.0)) * 255.0);
  return bytes.r | bytes.g << 8 | bytes.b << 16 | bytes.a << 24;
}

void main() {
  uint run = group_index() * 64u + gl_LocalInvocationID.x;
  if (run >= runs) return;
  uint first = run * uint(kRun);
  ivec2 pixel = ivec2(first % width, first / width);
  uint words[kRun];
  [[unroll]] for (int i = 0; i < kRun; ++i) {
    words[i] = bytes_of(min(pixel, ivec2(width, height) - 1));  // the last run may be longer than the picture
    ++pixel.x;
    pixel = pixel.x == int(width) ? ivec2(0, pixel.y + 1) : pixel;
  }
  pixels.at[2u * run] = uvec4(words[0], words[1], words[2], words[3]);
  pixels.at[2u * run + 1u] = uvec4(words[4], words[5], words[6], words[7]);
}
