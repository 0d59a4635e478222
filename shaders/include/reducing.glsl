// What both forms of reduction share: what a word brings in and how a result is stored.
#ifndef FORGE_REDUCING_GLSL
#define FORGE_REDUCING_GLSL
#include "combine.glsl"

#if defined(IN_STATE)
STATE take(STATE word, uint i, uint index) { return word; }
#elif defined(INDEXED)
STATE take(WORD word, uint i, uint index) { return Best(element(word, i), index + i); }
#else
STATE take(WORD word, uint i, uint index) { return element(word, i); }
#endif

#if defined(OUT_STATE)
#define RESULT STATE
STATE result(STATE x) { return x; }
#elif defined(INDEXED)
#define RESULT uvec2  // int64
uvec2 result(STATE x) { return uvec2(x.index, 0); }
#else
#define RESULT OUT
OUT result(STATE x) { return OUT(x); }
#endif
#endif
