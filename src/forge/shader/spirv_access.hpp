#pragma once

#include <unordered_map>

#include "forge/shader/reflect.hpp"
#include "forge/shader/spirv_module.hpp"

namespace forge::shader::spirv {

/// What the code does with one resource.
struct Use {
  Access access = Access::none;
  uint32_t alignment = 0;  // of addresses: the most that a load or store promises; 0: nothing said
  bool indexed = false;    // of arrays: an index is not a constant
  bool measured = false;  // of arrays: the length of an element is asked for that each invocation chooses for itself
};

/// By the id of a global variable (buffers, images), and by the id of the type that addresses point to. Never too
/// little: whatever is not plainly a load or a store counts as both.
using Uses = std::unordered_map<uint32_t, Use>;
Uses find_uses(const Module& module);

}  // namespace forge::shader::spirv
