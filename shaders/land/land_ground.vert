// The ground round a block of land: what is darker there, as black over what is drawn already.
#version 450
#include "ground_push.glsl"

layout(location = 0) out vec2 place;  // 0 to 1 over the ground's grid

void main() {
  place = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1);
  gl_Position = push.clip * vec4(push.corner.xy + place * push.corner.zw, push.height, 1.0);
}
