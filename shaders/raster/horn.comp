// Slope and hillshade of an elevation model by Horn's 3x3 method (Horn 1981, "Hill shading and the reflectance map",
// Proc. IEEE 69(1)), as gdaldem computes them. Edges repeat the outermost row and column.
#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(local_size_x = 64, local_size_y = 4) in;

layout(buffer_reference, scalar) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar) writeonly buffer Values { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights height;   // (rows, columns), row 0 north
  Values slope;     // (rows, columns), degrees
  Values shade;     // (rows, columns), 0 to 1
  uint rows;
  uint columns;
  float cell_x;     // metres from column to column
  float cell_y;     // metres from row to row
  vec3 sun;         // unit vector to the sun: east, north, up
};

float h(int row, int column) {
  row = clamp(row, 0, int(rows) - 1);
  column = clamp(column, 0, int(columns) - 1);
  return height.at[row * int(columns) + column];
}

void main() {
  uvec2 p = gl_GlobalInvocationID.xy;
  if (p.x >= columns || p.y >= rows) return;
  int r = int(p.y), c = int(p.x);
  float nw = h(r - 1, c - 1), n = h(r - 1, c), ne = h(r - 1, c + 1);
  float w = h(r, c - 1), e = h(r, c + 1);
  float sw = h(r + 1, c - 1), s = h(r + 1, c), se = h(r + 1, c + 1);
  float east = ((ne + 2.0 * e + se) - (nw + 2.0 * w + sw)) / (8.0 * cell_x);
  float north = ((nw + 2.0 * n + ne) - (sw + 2.0 * s + se)) / (8.0 * cell_y);
  uint i = p.y * columns + p.x;
  float squared = east * east + north * north;
  slope.at[i] = degrees(atan(sqrt(squared)));
  shade.at[i] = max(0.0, (sun.z - east * sun.x - north * sun.y) / sqrt(1.0 + squared));
}
