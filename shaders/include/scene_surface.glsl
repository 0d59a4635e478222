// A scene's square: x and z from -1.5 to 1.5, y up, heights between whose samples is interpolated.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Globals {
  mat4 view;
  mat4 projection;
  vec3 sun;            // unit vector
  float exposure;
  float spacing;       // factor on x and z
  float height_range;  // colours span it to either side of 0
  float exaggeration;  // factor on y
  float unused[5];
};

layout(push_constant, scalar) uniform Push {
  Globals globals;
  Values heights;      // (rows, columns), row 0 at z = -1.5, column 0 at x = -1.5
  uint rows;
  uint columns;
  uint grid;           // vertices a side
} push;

const float SIDE = 3.0;

bool is_hole(float h) { return (floatBitsToUint(h) & 0x7F800000u) == 0x7F800000u; }

// The last column and row, in samples.
vec2 last_sample() { return vec2(push.columns - 1u, push.rows - 1u); }

// Height at a place in samples; a hole where one of the four around it is.
float height_at(vec2 p) {
  uvec2 a = uvec2(p);
  vec2 t = p - vec2(a);
  uvec2 b = min(a + 1u, uvec2(push.columns, push.rows) - 1u);
  uint upper = a.y * push.columns, lower = b.y * push.columns;
  return mix(mix(push.heights.at[upper + a.x], push.heights.at[upper + b.x], t.x),
             mix(push.heights.at[lower + a.x], push.heights.at[lower + b.x], t.x), t.y);
}
