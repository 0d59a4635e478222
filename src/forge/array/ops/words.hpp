#pragma once

#include <string>

#include "forge/core/dtype.hpp"

namespace forge::array {

/// The GLSL type that moves an element of this many bytes unchanged: "uint8_t", "uint16_t", "uint", "uvec2", "uvec4".
std::string word_of(size_t bytes);

}  // namespace forge::array
