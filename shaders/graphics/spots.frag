#version 450
#include "spots_fragment.glsl"

layout(location = 0) out vec4 shown;
layout(location = 1) out uint id;

void main() {
  if (is_outside()) discard;
  shown = vec4(color.rgb, 1.0);
  id = push.id;
}
