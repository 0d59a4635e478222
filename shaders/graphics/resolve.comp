// Samples become pixels: their mean in linear light, then straight alpha and sRGB bytes.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

layout(binding = 0) uniform sampler2D samples;  // linear, premultiplied
layout(buffer_reference, scalar) writeonly buffer Pixels { uint at[]; };

layout(push_constant, scalar) uniform Push {
  Pixels pixels;  // (height, width) RGBA bytes
  uint width;
  uint height;
  uint across;    // samples along each side of a pixel
};

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
  uvec4 bytes = uvec4(vec4(encoded(light), alpha) * 255.0 + 0.5);
  pixels.at[pixel.y * width + pixel.x] = bytes.r | bytes.g << 8 | bytes.b << 16 | bytes.a << 24;
}
