#include "stroke.glsl"

layout(location = 0) flat out vec4 ends;
layout(location = 1) flat out vec4 turns;
layout(location = 2) flat out float phase;  // samples from the pattern's start
layout(location = 3) out vec4 color;        // linear, straight alpha

const float kMiterLimit = 4.0;

vec4 color_at(uint point) {
  return style.colored != 0u ? style.color * linear_color(push.colors.at[point]) : style.color;
}

// Where in the pattern a segment begins; the difference goes round with it.
float phase_of(uint i) {
  uint part = push.lengths.at[i] - push.lengths.at[push.firsts.at[i]];
  return float(part) / 4294967296.0 * style.ends[style.dashes - 1u];
}

void main() {
  uint corner = uint(gl_VertexIndex) % 6u, i = uint(gl_VertexIndex) / 6u;
  Stroke stroke = push.strokes.at[i];
  uvec4 points = push.segments.at[i];
  float side = corner == 2u || corner == 4u || corner == 5u ? 1.0 : -1.0;
  bool at_end = corner == 1u || corner == 3u || corner == 4u;
  ends = stroke.ends;
  turns = stroke.turns;
  phase = style.dashes > 0u ? phase_of(i) : 0.0;
  vec2 way = ends.zw - ends.xy;
  float far = length(way), half_width = style.half_width;
  vec2 along = far > 1e-6 ? way / far : vec2(1.0, 0.0), across = vec2(-along.y, along.x);
  float beyond = half_width * (style.joins == kMiter ? kMiterLimit : 1.0) + 1.0;
  vec2 place = (at_end ? ends.zw + beyond * along : ends.xy - beyond * along) + side * (half_width + 1.0) * across;
  // Depth and colour go on beyond the ends as they do between them.
  float share = (far > 1.0 ? beyond / far : 0.0), part = at_end ? 1.0 + share : -share;
  float depth = clamp(mix(stroke.depths.x, stroke.depths.y, part), 0.0, 1.0);
  color = mix(color_at(points.y), color_at(points.z), mix(stroke.parts.x, stroke.parts.y, part));
  vec2 device = (place / frame.size - 0.5) * vec2(2.0, -2.0);
  gl_Position = stroke.depths.x < 0.0 ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(device, depth, 1.0);
}
