// What a block of land takes of the light of the level ground it stands on: sun by its shadow's edges, sky by the horizons it
// makes. Cells of a grid of its own round the block; under the block it is dark.
#version 450
#include "types.glsl"
#include "whole.glsl"

layout(local_size_x = 64) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Shade { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;   // of the block, coarse
  Shade shade;       // 0: all light is left, 1: none
  uvec2 block;       // its columns and rows
  vec2 extent;       // cells from edge to edge: the last ones may reach beyond
  uvec2 cells;       // columns and rows of the ground
  vec4 to_block;     // from a ground cell to the block's: offset, then factor
  vec2 cell;         // world units of the block's cells, east and south
  float base;        // the ground's height
  float z;           // world units of a height
  vec3 to_sun;       // east, south, up
  float softness;    // half the disc's angle
  float fill;        // the sky's share of the light
};

const int kDirections = 16, kSkySteps = 8;
const int kSuns = 5, kSunSteps = 32;

// Of the nearest cell: steps along a ray are longer than cells.
float height_at(vec2 place) {
  uvec2 a = min(nearest_whole(max(place - 0.5, vec2(0.0))), block - 1u);
  return heights.at[a.y * block.x + a.x];
}

// The steepest rise to the block along a direction of the ground, in the block's cells a world unit.
float rise(vec2 from, vec2 direction, int steps) {
  vec2 per = direction / cell;
  per = mix(per, vec2(1e-9), lessThan(abs(per), vec2(1e-9)));
  vec2 a = -from / per, b = (extent - from) / per;
  float enter = max(max(min(a.x, b.x), min(a.y, b.y)), 0.0), leave = min(max(a.x, b.x), max(a.y, b.y));
  float most = 0.0;
  int met = leave > enter ? steps : 0;  // none of what misses the block
  for (int i = 0; i < met; ++i) {
    float share = (float(i) + 0.5) / float(steps);
    float way = mix(enter, leave, share * share);
    most = max(most, (height_at(from + per * way) - base) / max(way, 1e-6));
  }
  return most * z;
}

void main() {
  uvec2 place = uvec2(gl_GlobalInvocationID.x, gl_WorkGroupID.y);
  if (place.x >= cells.x) return;
  vec2 from = to_block.xy + (vec2(place) + 0.5) * to_block.zw;
  bool under = all(greaterThan(from, vec2(0.0))) && all(lessThan(from, extent)) && height_at(from) > base + 1e-3 / z;
  float open = 0.0;
  int directions = under ? 0 : kDirections, suns = under ? 0 : kSuns;
  for (int d = 0; d < directions; ++d) {
    float angle = 6.2831853 * (float(d) + 0.5) / float(kDirections);
    float tangent = rise(from, vec2(cos(angle), sin(angle)), kSkySteps);
    open += 1.0 / (1.0 + tangent * tangent);
  }
  float level = length(to_sun.xy), seen = 0.0;
  float azimuth = atan(to_sun.y, to_sun.x), elevation = atan(to_sun.z, level);
  for (int i = 0; i < suns; ++i) {
    float aside = (float(i) - 2.0) * 0.4, high = softness * sqrt(1.0 - aside * aside);
    float turned = azimuth + aside * softness / max(level, 0.1);
    float hidden = rise(from, vec2(cos(turned), sin(turned)), kSunSteps);
    seen += 1.0 - smoothstep(elevation - high, elevation + high, atan(hidden));
  }
  seen = level < 1e-3 ? 1.0 : seen / float(kSuns);
  float light = fill * open / float(kDirections) + (1.0 - fill) * seen;
  shade.at[place.y * cells.x + place.x] = under ? 1.0 : 1.0 - light;
}
