#version 450
#define LAYERS
#include "spots_fragment.glsl"
#include "layers.glsl"

void main() {
  if (is_outside()) return;
  vec4 own = vec4(color.rgb * color.a, color.a);
  keep_layer(push.heads, push.fragments, push.capacity, uint(frame.size.x), own, 0u);
}
