// forge: paint=bare,full,layers
#version 450
#include "land.glsl"
#include "land_push.glsl"
#include "whole.glsl"

layout(location = 0) in vec2 place;
layout(location = 1) in float height;
layout(binding = 0) uniform sampler2D image;  // the draped one, straight alpha

layout(location = 0) out vec4 color;
#ifdef PAINT_LAYERS
layout(location = 1) out vec4 seen;  // the place relative to the eye
#else
layout(location = 1) out uint id;
#endif

float between(Cells cells) {
  vec2 p = clamp(place - 0.5, vec2(0.0), vec2(land.cells - 1u));
  uvec2 a = cell_before(p), b = min(a + 1u, land.cells - 1u);
  vec2 t = beyond(p, a);
  uint upper = a.y * land.stride, lower = b.y * land.stride;
  float first = cells.at[upper + a.x];
  vec3 others = vec3(cells.at[upper + b.x], cells.at[lower + a.x], cells.at[lower + b.x]) - first;
  return first + t.x * others.x + t.y * (others.y + t.x * (others.z - others.y - others.x));
}

bool in_hole() {
  uvec2 cell = min(uvec2(max(place, vec2(0.0))), land.cells - 1u);
  return isnan(push.heights.at[cell.y * land.stride + cell.x]);
}

vec3 legend() {
  return push.colors.at[nearest_whole(clamp((height - land.low) * land.per_height - 0.496, 0.0, 255.0))].rgb;
}

#ifdef PAINT_FULL
// How much of this sample lines cover that stand `per` a height; `steep` is their number a sample.
float lines(float at, float steep, float width) {
  float from = abs(fract(at - 0.5) - 0.5) / max(steep, 1e-12);
  return clamp(0.5 * width + 0.5 - from, 0.0, 1.0) * min(1.0, width);
}

vec3 painted(vec3 under, float wet) {
  if (land.has_drape != 0u) {
    vec2 at = land.drape.xy + place * land.drape.zw;
    vec4 over = textureLod(image, at, 0.0);
    bool inside = all(greaterThanEqual(at, vec2(0.0))) && all(lessThanEqual(at, vec2(1.0)));
    under = mix(under, over.rgb, inside ? over.a * land.drape_share : 0.0);
  }
  if (wet > 0.0) {
    float depth = 1.0 - exp(-max(land.water - height, 0.0) * land.per_depth);
    under = mix(under, mix(land.shallow, land.deep, depth), wet);
  }
  return under;
}

vec3 drawn(vec3 under, float wet, float rise) {
  if (land.has_lines == 0u) return under;
  float at = (height - land.contour_start) * land.per_contour;
  float steep = max(rise * land.per_contour, 1e-9);
  float minor = lines(at, steep, land.line_width) * (1.0 - smoothstep(0.2, 0.45, steep * land.line_width));
  float wide = lines(at / land.major, steep / land.major, 1.9 * land.line_width) *
               (1.0 - smoothstep(0.2, 0.45, steep / land.major * 1.9 * land.line_width));
  float level = smoothstep(0.0, 1e-6, steep);  // plains as high as a line are none
  vec4 ink = land.line_color;  // at once: Mesa 22 takes a part that is loaded beside the others for its neighbour
  return mix(under, ink.rgb, max(0.6 * minor, wide) * ink.a * level * (1.0 - wet));
}
#endif

void main() {
#ifdef PAINT_FULL
  float rise = length(vec2(dFdx(height), dFdy(height))), soft = max(fwidth(height), 1e-6);  // before samples part ways
#endif
#ifndef PAINT_BARE
  if (land.has_holes != 0u && in_hole()) discard;
#endif
#ifdef PAINT_LAYERS
  ivec2 cell = ivec2(clamp(place, vec2(0.0), vec2(land.cells - 1u)));
  ivec2 a = max(cell - 1, 0), b = min(cell + 1, ivec2(land.cells) - 1);
  vec4 h = vec4(push.heights.at[uint(cell.y) * land.stride + uint(b.x)], push.heights.at[uint(cell.y) * land.stride + uint(a.x)],
                push.heights.at[uint(a.y) * land.stride + uint(cell.x)], push.heights.at[uint(b.y) * land.stride + uint(cell.x)]);
  h = max(mix(h, vec4(height), isnan(h)), land.water);
  vec3 slopes = land.slopes;  // at once, as ink above
  vec2 rise = vec2(h.x - h.y, h.z - h.w) / max(vec2(b - a), 1.0) * slopes.xy * slopes.z;
  color = vec4(push.flat_base != 0u ? vec3(0.0, 0.0, -1.0) : normalize(vec3(-rise, 1.0)), 1.0);
  seen = land.eye * vec4(place, push.flat_base != 0u ? land.base : max(height, land.water), 1.0);
#else
  vec3 under = legend();
#ifdef PAINT_FULL
  float wet = push.flat_base != 0u ? 0.0 : clamp((land.water - height) / soft + 0.5, 0.0, 1.0);
  under = painted(under, wet);
#endif
  float light = between(push.light);
  vec3 lit = under * (min(light, 1.0) + (1.0 - under) * (land.highlight * max(light - 1.0, 0.0)));
#ifdef PAINT_FULL
  lit = drawn(lit, wet, rise);
#endif
  if (push.flat_base != 0u) lit = land.stone * land.sheltered * 0.5;
  color = vec4(lit, 1.0);
  id = land.id;
#endif
}
