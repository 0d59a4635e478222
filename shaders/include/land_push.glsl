layout(push_constant, scalar) uniform Push {
  Cells heights;   // (rows, stride) of the working grid
  Cells light;     // (rows, stride)
  Colors colors;   // 256, linear
  Edges edges;     // of walls: 4 * square + side
  uint backward;   // rows from the south
  uint flat_base;  // the land's lower side
} push;
