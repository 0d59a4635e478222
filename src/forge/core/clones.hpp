#pragma once

#include <cstdlib>

// A function that is compiled for AVX2 as well, with all that it calls: the loader takes what the machine has. Sanitizers have no
// place in what chooses among such functions.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define FORGE_CLONES __attribute__((target_clones("avx2", "default"), flatten))
#else
#define FORGE_CLONES
#endif
