// forge: template
// Moves keys, and what belongs to them, to where the scanned table says their digit goes.
#version 450
#include "digits.glsl"
#ifdef WORD
#define PAYLOAD
#else
#define WORD uint
#endif

layout(binding = 0, scalar) readonly buffer Keys { KEY at[]; } keys;
layout(binding = 1, scalar) readonly buffer Table { uint at[]; } table;
layout(buffer_reference, scalar) readonly buffer Words { WORD at[]; };
#ifdef INDICES_OUT
layout(buffer_reference, scalar) writeonly buffer MovedWords { uvec2 at[]; };
#else
layout(buffer_reference, scalar) writeonly buffer MovedWords { WORD at[]; };
#endif
layout(buffer_reference, scalar) writeonly buffer MovedKeys { KEY at[]; };

layout(push_constant, scalar) uniform Push {
  MovedKeys moved_keys;
  Words words;       // of the dispatch's first row
  MovedWords moved_words;
  uint count;        // tiles of this dispatch, over all rows
  uint tiles;        // of each row
  uint from_tile;    // of the row, where the row is cut
  uint here;         // tiles of each row in this dispatch
  uint n;            // keys of a row
  uint tile;         // keys of a tile
  uint shift;
  uint first;        // key
  uint table_first;
};

void move(KEY key, uint i, uint to, uint row) {
#ifndef ONLY_WORDS
  moved_keys.at[row * n + to] = key;
#endif
#ifdef PAYLOAD
#ifdef INDICES_IN
  WORD word = i;
#else
  WORD word = words.at[row * n + i];
#endif
#ifdef INDICES_OUT
  moved_words.at[row * n + to] = uvec2(word, 0);
#else
  moved_words.at[row * n + to] = word;
#endif
#endif
}

void main() {
  uint number = tile_number();
  bool there = number < count;
  uint row = number / here, mine = from_tile + number % here;
  uint start = mine * tile, end = there ? min(start + tile, n) : 0;
  uint base = first + row * n - from_tile * tile;
#ifdef PRIVATE_COUNTERS
  if (!there) return;
  for (uint d = 0; d < 256; ++d) counters[counter_of(d)] = table.at[table_first + (row * 256 + d) * tiles + mine];
  for (uint i = start; i < end; ++i) {
    KEY key = keys.at[base + i];
    uint c = counter_of(digit(key, shift)), to = counters[c];
    counters[c] = to + 1;
    move(key, i, to, row);
  }
#else
  if (there)
    for (uint d = lane_index(); d < 256; d += LANES)
      counters[counter_of(d)] = table.at[table_first + (row * 256 + d) * tiles + mine];
  team_barrier();
  for (uint i = start; i < end; i += LANES) {
    bool mine_too = i + lane_index() < end;
    KEY key = keys.at[base + (mine_too ? i + lane_index() : start)];
    uint d = digit(key, shift);
    uvec2 alike = lanes_alike(d, mine_too);
    uint to = counters[counter_of(d)] + alike.y;
    team_barrier();
    if (mine_too && alike.y + 1 == alike.x) counters[counter_of(d)] = to + 1;
    team_barrier();
    if (mine_too) move(key, i + lane_index(), to, row);
  }
#endif
}
