// What a kernel of a transform reads and writes: LOAD_... and STORE_... of fft_edges.glsl choose.
#include "types.glsl"
#include "complex.glsl"
#include "divide.glsl"

#if defined(LOAD_REAL) || defined(LOAD_PAIRS)
#define LOADED REAL
#define LOADED_ALIGN 4
#else
#define LOADED MEMORY
#define LOADED_ALIGN 8
#endif
#if defined(STORE_REAL) || defined(STORE_PAIRS)
#define STORED REAL
#else
#define STORED MEMORY
#endif
