#pragma once

#include "forge/shader/spirv_module.hpp"

namespace forge::shader::spirv {

/// Bytes that a value of this type takes in a workgroup's shared memory, where types carry no layout. Saturates instead of
/// overflowing; damaged() for types that nest without end.
uint64_t shared_size(const Module& module, uint32_t type, unsigned depth = 0);

/// Bytes of all shared variables.
uint64_t shared_bytes(const Module& module);

}  // namespace forge::shader::spirv
