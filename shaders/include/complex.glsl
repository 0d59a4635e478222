// Complex numbers as pairs, in float or double: FLOAT64 chooses. PACKED: pairs of floats are read and written as one
// integer, which halves the loads and stores of CPU drivers: they do them lane by lane and part by part.
#if FLOAT64
#define REAL double
#define COMPLEX dvec2
#define REAL_OF(bits) packDouble2x32(bits)
#else
#define REAL float
#define COMPLEX vec2
#define REAL_OF(bits) uintBitsToFloat(bits.x)
#endif

#if PACKED
#define MEMORY uint64_t
COMPLEX unpacked(MEMORY bits) { return uintBitsToFloat(unpackUint2x32(bits)); }
MEMORY packed(COMPLEX value) { return packUint2x32(floatBitsToUint(value)); }
#else
#define MEMORY COMPLEX
COMPLEX unpacked(MEMORY value) { return value; }
MEMORY packed(COMPLEX value) { return value; }
#endif

COMPLEX times(COMPLEX a, COMPLEX b) { return COMPLEX(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
COMPLEX conjugate(COMPLEX a) { return COMPLEX(a.x, -a.y); }
COMPLEX conjugate_if(bool wanted, COMPLEX a) { return COMPLEX(a.x, wanted ? -a.y : a.y); }
COMPLEX times_i(COMPLEX a) { return COMPLEX(-a.y, a.x); }
