#include "mesh.glsl"

layout(location = 0) out vec3 normal;  // of any length; 0: the triangle's own
#ifndef PLAIN
layout(location = 1) out vec4 color;   // linear, straight alpha
#endif
#ifndef ORIENTED
layout(location = 2) out vec3 seen;    // from the eye, world axes
layout(location = 3) out vec2 corner;
#endif

void main() {
  uint i = uint(gl_VertexIndex);
  vec3 place = seen_from(push.places.at[i], push.eye, push.eye_rest);
#ifdef ORIENTED
  normal = push.normals.at[i];
#else
  seen = place;
  normal = (push.flags & kNormals) != 0u ? push.normals.at[i] : vec3(0.0);
  corner = (push.flags & kTexture) != 0u ? push.corners.at[i] : vec2(0.0);
#endif
#ifndef PLAIN
  color = (push.flags & kColors) != 0u ? push.color * linear_color(push.colors.at[i]) : push.color;
#endif
  gl_Position = frame.clip_from_eye * vec4(place, 1.0);
}
