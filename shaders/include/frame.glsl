// What shaders of a frame's objects know of its view and light. Places are relative to the eye, in world axes. Bound, not
// behind an address: what is the same for all is loaded once then, where CPU drivers gather it for each lane.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(scalar, binding = 1) uniform Frame {
  mat4 clip_from_eye;  // y up; depth reversed: 1 near, 0 far
  vec3 right;          // unit vectors of the picture's axes
  vec3 up;
  vec3 forward;
  vec3 to_sun;         // unit vector
  float fill;          // of full light that shade keeps
  vec2 size;           // samples of the target
  float supersample;   // samples along each side of a pixel
  float near;          // world units
  vec2 sample_size;    // world units a sample covers at distance d: x + y d
} frame;

// 0 of a number below 2^31, which compilers cannot know. Mesa 22 makes a shader anew at each use for the value of a uniform
// that decides a branch alone, and keeps all of them: where branches would, they are selections, or this is added.
uint never(uint number) { return number >> 31; }

// A place seen from the eye. Both are relative to the object's origin, the eye in two parts: what is close to it stays
// exact, however far both are from the origin.
vec3 seen_from(vec3 place, vec3 eye, vec3 eye_rest) { return (place - eye) - eye_rest; }

// What light leaves of a colour on a surface with this unit normal: 1 where it faces the sun, and less of the sky where it
// looks to the ground.
float light_on(vec3 normal) {
  float sun = max(dot(normal, frame.to_sun), 0.0);
  float sky = mix(0.6, 1.0, 0.5 + 0.5 * clamp(normal.z / max(frame.to_sun.z, 0.2), -1.0, 1.0));
  return sun * (1.0 - frame.fill) + sky * frame.fill;
}
