// A height field as it is drawn. The working grid has cells of about a pixel, whatever the raster's are: column u goes east, row v
// south, heights count from the land's own level, so that float32 is fine at any coordinate.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Cells { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Edges { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Colors { vec4 at[]; };

// Bound, as a frame's view is (frame.glsl).
layout(scalar, binding = 1) uniform Land {
  mat4 clip;             // from (u, v, height, 1)
  mat4 eye;              // the same place relative to the eye, world axes
  vec3 slopes;           // 1 / world units of a cell east and north, and world units of a height
  vec2 extent;           // cells from edge to edge
  uvec2 cells;           // columns, rows
  uint stride;           // from row to row
  uint step;             // cells from vertex to vertex
  uvec2 quads;           // between vertices
  uint edge_step;        // cells along a wall's edge
  uint edge_columns;     // squares of so many cells in a row
  uint has_holes;        // these three decide branches alone: 0 or 1, as drivers may compile them apart
  uint has_lines;
  uint has_drape;
  uint id;
  float base;            // height of the walls' foot
  float low;             // height of the first colour
  float per_height;      // colours a height
  float highlight;       // how much lighter is what faces the sun more than level ground does
  float water;           // height of its surface, far below everything where there is none
  float per_depth;       // 1 / the depth at which water is dark
  vec3 shallow, deep;    // its colours
  float per_contour;     // lines a height
  float contour_start;   // height of line 0
  float major;           // every so manieth line is wide
  float line_width;      // samples
  vec4 line_color;       // straight alpha
  vec4 drape;            // u, v -> the image's coordinates: offset, then factor
  float drape_share;     // its opacity
  vec3 stone;            // of the walls
  vec4 wall_light;       // on the south, east, north and west sides
  float sheltered;       // light that is left at a wall's foot
} land;

bool missing(float h) { return isnan(h) || isinf(h); }

// The mean of the four cells round a corner; holes do not count.
float corner_height(Cells heights, uvec2 corner) {
  ivec2 last = ivec2(land.cells) - 1;
  ivec2 b = min(ivec2(corner), last), a = max(ivec2(corner) - 1, 0);
  float first = heights.at[uint(a.y) * land.stride + uint(a.x)];
  vec3 others = vec3(heights.at[uint(a.y) * land.stride + uint(b.x)], heights.at[uint(b.y) * land.stride + uint(a.x)],
                     heights.at[uint(b.y) * land.stride + uint(b.x)]);
  if (land.has_holes == 0u) return first + 0.25 * (others.x - first + (others.y - first) + (others.z - first));
  float sum = 0.0, count = 0.0;
  vec4 all = vec4(first, others);
  for (int i = 0; i < 4; ++i) {
    bool counts = !missing(all[i]);
    sum += counts ? all[i] : 0.0;
    count += counts ? 1.0 : 0.0;
  }
  return count > 0.0 ? sum / count : land.base;
}

// A corner of cells; the last one is the raster's edge, wherever that lies.
vec2 corner_place(uvec2 corner) { return min(vec2(corner), land.extent); }
