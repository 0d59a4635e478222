// What sun and sky leave of a terrain's colours, one value a cell: ambient * sky + (1 - ambient) * sun * max(0, n.L).
// Normals come from Horn's 3x3 slopes times slope_factor (gentle terrain is shaded as if it were steeper); shadows and
// sky use the true heights. The sky's share follows from the horizon in eight directions (as in Dozier and Frew 1990,
// "Rapid calculation of terrain parameters for radiation modeling", IEEE Trans. Geosci. Remote Sens. 28(5)).
#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require

layout(local_size_x = 64, local_size_y = 1) in;

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Heights { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Shade { float at[]; };

layout(push_constant, scalar) uniform Push {
  Heights heights;     // (rows, columns), row 0 north
  Shade shade;         // (rows, columns)
  uint rows;
  uint columns;
  float cell_x;        // world units from column to column
  float cell_z;        // world units from row to row
  vec3 sun;            // unit vector: x east, y up, z south
  float slope_factor;
  float ambient;       // share of the sky
  float highest;       // no horizon lies above a ray that has passed this height
  float softness;      // half width of the penumbra, as the tangent of an angle; 0: no cast shadows
  uint sky_steps;      // samples along each of the sky's directions; 0: an open sky
} push;

const int MOST_STEPS = 2048;  // of a shadow ray; far below the loop budget of some CPU drivers

float raw(int row, int column) {
  row = clamp(row, 0, int(push.rows) - 1);
  column = clamp(column, 0, int(push.columns) - 1);
  return push.heights.at[row * int(push.columns) + column];
}

// A hole takes the height of the cell beside it, so that slopes end there instead of falling.
float near(int row, int column, float own) {
  float h = raw(row, column);
  return isnan(h) || isinf(h) ? own : h;
}

float between(vec2 p) {
  vec2 cell = floor(p);
  vec2 t = p - cell;
  int c = int(cell.x), r = int(cell.y);
  float h = mix(mix(raw(r, c), raw(r, c + 1), t.x), mix(raw(r + 1, c), raw(r + 1, c + 1), t.x), t.y);
  return isnan(h) || isinf(h) ? -1e30 : h;
}

bool inside(vec2 p) { return all(greaterThanEqual(p, vec2(0.0))) && p.x <= float(push.columns - 1u) && p.y <= float(push.rows - 1u); }

// The share of the sun's disc that stands above the horizon in its direction.
float sunlight(vec2 place, float own) {
  float flat_length = length(push.sun.xz);
  if (push.softness <= 0.0 || flat_length < 1e-4) return 1.0;
  vec2 world = push.sun.xz / flat_length;                      // one world unit along the ground
  vec2 cells = world / vec2(push.cell_x, push.cell_z);
  float stride = 1.0 / max(abs(cells.x), abs(cells.y));        // world units to the next row or column
  float rise = push.sun.y / flat_length;
  float horizon = -1e30;
  for (int i = 1; i <= MOST_STEPS; ++i) {
    float distance = stride * float(i);
    vec2 p = place + cells * distance;
    if (!inside(p) || own + (rise - push.softness) * distance > push.highest) break;
    horizon = max(horizon, (between(p) - own) / distance);
  }
  return smoothstep(-push.softness, push.softness, rise - horizon);
}

float sky(vec2 place, float own) {
  if (push.sky_steps == 0u) return 1.0;
  float open = 0.0;
  for (int k = 0; k < 8; ++k) {
    float angle = 0.78539816 * float(k) + 0.39269908;
    vec2 world = vec2(cos(angle), sin(angle));
    vec2 cells = world / vec2(push.cell_x, push.cell_z);
    float stride = 1.0 / max(abs(cells.x), abs(cells.y));
    float horizon = 0.0, reach = 1.0;
    for (uint i = 0u; i < push.sky_steps; ++i) {               // steps grow: near ground counts most
      vec2 p = place + cells * (stride * reach);
      if (!inside(p)) break;
      horizon = max(horizon, (between(p) - own) / (stride * reach));
      reach *= 1.35;
    }
    float above = horizon * push.slope_factor;
    open += 1.0 / (1.0 + above * above);                       // cos^2 of the horizon's elevation
  }
  return open / 8.0;
}

void main() {
  uint column = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
  if (column >= push.columns || row >= push.rows) return;
  int r = int(row), c = int(column);
  float own = raw(r, c);
  uint i = row * push.columns + column;
  if (isnan(own) || isinf(own)) {
    push.shade.at[i] = 1.0;
    return;
  }
  float nw = near(r - 1, c - 1, own), n = near(r - 1, c, own), ne = near(r - 1, c + 1, own);
  float w = near(r, c - 1, own), e = near(r, c + 1, own);
  float sw = near(r + 1, c - 1, own), s = near(r + 1, c, own), se = near(r + 1, c + 1, own);
  // At the raster's edge one side is missing: the difference then spans one cell instead of two.
  float span_x = (c > 0 && c + 1 < int(push.columns)) ? 8.0 : 4.0;
  float span_z = (r > 0 && r + 1 < int(push.rows)) ? 8.0 : 4.0;
  float east = ((ne + 2.0 * e + se) - (nw + 2.0 * w + sw)) / (span_x * push.cell_x) * push.slope_factor;
  float south = ((sw + 2.0 * s + se) - (nw + 2.0 * n + ne)) / (span_z * push.cell_z) * push.slope_factor;
  vec3 normal = normalize(vec3(-east, 1.0, -south));
  vec2 place = vec2(column, row);
  float direct = max(0.0, dot(normal, push.sun)) * sunlight(place, own);
  push.shade.at[i] = push.ambient * sky(place, own) + (1.0 - push.ambient) * direct;
}
