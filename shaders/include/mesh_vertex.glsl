#include "mesh.glsl"

layout(location = 0) out vec3 seen;    // from the eye, world axes
layout(location = 1) out vec3 normal;  // of any length; 0: the triangle's own
layout(location = 2) out vec4 color;   // linear, straight alpha
layout(location = 3) out vec2 corner;

void main() {
  uint i = uint(gl_VertexIndex);
  seen = seen_from(push.places.at[i], push.eye, push.eye_rest);
  normal = (push.flags & kNormals) != 0u ? push.normals.at[i] : vec3(0.0);
  color = (push.flags & kColors) != 0u ? push.color * linear_color(push.colors.at[i]) : push.color;
  corner = (push.flags & kTexture) != 0u ? push.corners.at[i] : vec2(0.0);
  gl_Position = push.globals.clip_from_eye * vec4(seen, 1.0);
}
