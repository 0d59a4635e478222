#version 450
#define ORIENTED
#define PLAIN
#include "mesh_fragment.glsl"

layout(location = 0) out vec4 shown;
layout(location = 1) out uint id;

void main() {
  shown = shaded();
  id = push.id;
}
