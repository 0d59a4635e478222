#include "forge/array/ops/words.hpp"

#include "forge/core/error.hpp"

namespace forge::array {

// Vectors of 32 bits rather than 64-bit integers, which some devices lack.
std::string word_of(size_t bytes) {
  switch (bytes) {
    case 1: return "uint8_t";
    case 2: return "uint16_t";
    case 4: return "uint";
    case 8: return "uvec2";
    case 16: return "uvec4";
    default: FORGE_ASSERT(!"an element of 1, 2, 4, 8 or 16 bytes"); return {};
  }
}

}  // namespace forge::array
