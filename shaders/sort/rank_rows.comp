// forge: template
// Sorts short rows: a lane takes a key and counts those of its row that come before it.
#version 450
#include "team.glsl"
#include "sortkeys.glsl"
#ifdef WORD
#define PAYLOAD
#else
#define WORD uint
#endif

layout(binding = 0, scalar) readonly buffer Keys { KEY at[]; } keys;
layout(buffer_reference, scalar) readonly buffer Words { WORD at[]; };
#ifdef INDICES_OUT
layout(buffer_reference, scalar) writeonly buffer MovedWords { uvec2 at[]; };
#else
layout(buffer_reference, scalar) writeonly buffer MovedWords { WORD at[]; };
#endif
layout(buffer_reference, scalar) writeonly buffer MovedKeys { KEY at[]; };

layout(push_constant, scalar) uniform Push {
  MovedKeys moved_keys;
  Words words;
  MovedWords moved_words;
  uint count;        // rows * n
  uint n;
  uint first;        // key
};

void main() {
  uint id = lane_number();
  if (id >= count) return;
  uint i = id % n, row = id - i;
  KEY key = keys.at[first + id];
  ORDERED mine = ordered(key);
  uint to = row;
  for (uint j = 0; j < n; ++j) {
    ORDERED other = ordered(keys.at[first + row + j]);
    if (above(mine, other) || (mine == other && j < i)) ++to;
  }
#ifndef ONLY_WORDS
  moved_keys.at[to] = key;
#endif
#ifdef PAYLOAD
#ifdef INDICES_IN
  WORD word = i;
#else
  WORD word = words.at[id];
#endif
#ifdef INDICES_OUT
  moved_words.at[to] = uvec2(word, 0);
#else
  moved_words.at[to] = word;
#endif
#endif
}
