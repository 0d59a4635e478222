// forge: template
// One digit of every key is counted tile by tile: table (rows, 256, tiles).
#version 450
#include "digits.glsl"

layout(binding = 0, scalar) readonly buffer Keys { KEY at[]; } keys;
layout(binding = 1, scalar) writeonly buffer Table { uint at[]; } table;

layout(push_constant, scalar) uniform Push {
  uint count;       // tiles of this dispatch, over all rows
  uint tiles;       // of each row
  uint from_tile;   // of the row, where the row is cut
  uint here;        // tiles of each row in this dispatch
  uint n;           // keys of a row
  uint tile;        // keys of a tile
  uint shift;
  uint first;       // key
  uint table_first;
};

void main() {
  uint number = tile_number();
  bool there = number < count;
  uint row = number / here, mine = from_tile + number % here;
  uint start = mine * tile, end = there ? min(start + tile, n) : 0;
  uint base = first + row * n - from_tile * tile;
#ifdef PRIVATE_COUNTERS
  for (uint d = 0; d < 256; ++d) counters[counter_of(d)] = 0;
  for (uint i = start; i < end; ++i) {
    uint c = counter_of(digit(keys.at[base + i], shift));
    counters[c] = counters[c] + 1;
  }
  if (there)
    for (uint d = 0; d < 256; ++d) table.at[table_first + (row * 256 + d) * tiles + mine] = counters[counter_of(d)];
#else
  for (uint d = lane_index(); d < 256; d += LANES) counters[counter_of(d)] = 0;
  team_barrier();
  for (uint i = start + lane_index(); i < end; i += LANES) atomicAdd(counters[counter_of(digit(keys.at[base + i], shift))], 1);
  team_barrier();
  if (there)
    for (uint d = lane_index(); d < 256; d += LANES)
      table.at[table_first + (row * 256 + d) * tiles + mine] = counters[counter_of(d)];
#endif
}
