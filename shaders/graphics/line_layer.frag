#version 450
#define LAYERS
#include "stroke_fragment.glsl"
#include "layers.glsl"

void main() {
  if (!is_inside()) return;
  vec4 straight = clamp(color, 0.0, 1.0), own = vec4(straight.rgb * straight.a, straight.a);
  keep_layer(push.heads, push.fragments, push.capacity, uint(frame.size.x), own, push.id);
}
