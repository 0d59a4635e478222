#version 450
#include "stroke_fragment.glsl"

layout(location = 0) out vec4 shown;
layout(location = 1) out uint id;

void main() {
  if (!is_inside()) discard;
  shown = vec4(max(color.rgb, 0.0), 1.0);
  id = push.id;
}
