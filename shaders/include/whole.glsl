// Floats from 0 to 2^22 as whole numbers: the nearest, and of two as near the even one. CPU drivers convert floats lane by lane;
// adding 2^23 leaves the number in the low bits.
uint nearest_whole(float x) { return floatBitsToUint(x + 8388608.0) & 0x7FFFFFu; }
uvec2 nearest_whole(vec2 x) { return floatBitsToUint(x + 8388608.0) & 0x7FFFFFu; }
uvec4 nearest_whole(vec4 x) { return floatBitsToUint(x + 8388608.0) & 0x7FFFFFu; }

// The upper left one of the cells that a place lies between; a place on a cell's middle may be the far end of its neighbour's.
uvec2 cell_before(vec2 place) { return nearest_whole(max(place - 0.5, vec2(0.0))); }
vec2 beyond(vec2 place, uvec2 cell) { return place - vec2(ivec2(cell)); }
