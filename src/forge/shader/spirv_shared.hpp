#pragma once

#include "forge/shader/spirv_module.hpp"

namespace forge::shader::spirv {

/// Bytes that a value of this type takes in a workgroup's shared memory, where types carry no layout. Specialised array
/// extents count by their defaults. Saturates instead of overflowing; damaged() for types that nest without end.
uint64_t shared_size(const Module& module, uint32_t type, unsigned depth = 0);

}  // namespace forge::shader::spirv
