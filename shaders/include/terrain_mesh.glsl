// A height field as a mesh of triangle strips, one instance a row of cells. Positions: x east, y up, z south, centred.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Values { float at[]; };

layout(push_constant, scalar) uniform Push {
  mat4 view_proj;     // world to clip space, y up
  Values heights;     // (rows, columns)
  Values shade;       // (rows, columns), what light leaves of a colour: 0 to 1
  uint rows;
  uint columns;
  uint step;          // samples from vertex to vertex
  float cell_x;       // world units from column to column
  float cell_z;       // world units from row to row
  float low;          // height of the first colour
  float inverse_range;
  float exposure;
  uint tone;          // 0: none, 1: Reinhard
  float base;         // height of the walls' foot
} push;

// Row or column of a mesh vertex; the last one is the raster's edge, whatever the step.
uint sample_of(uint vertex, uint count) { return min(vertex * push.step, count - 1); }

float height_at(uint row, uint column) { return push.heights.at[row * push.columns + column]; }

vec3 world_at(uint row, uint column, float height) {
  return vec3((float(column) - 0.5 * float(push.columns - 1)) * push.cell_x, height,
              (float(row) - 0.5 * float(push.rows - 1)) * push.cell_z);
}

vec4 clip_of(vec3 world) { return push.view_proj * vec4(world, 1.0); }
