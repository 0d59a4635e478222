#pragma once

#include <string>

#include "forge/array/array.hpp"
#include "forge/shader/launch.hpp"

namespace forge::array {

/// The macros of indices.glsl for a dtype. Throws BAD_DTYPE, naming `what`.
shader::Defines index_defines(DType dtype, const std::string& what);

/// An element of an index array, for messages. Waits for it.
std::string index_text(const Array& indices, uint64_t position);

}  // namespace forge::array
