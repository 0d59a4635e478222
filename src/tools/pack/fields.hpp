#pragma once

#include <string>
#include <vector>

#include "tools/pack/kernel.hpp"

namespace forge::pack {

/// One member of a generated struct.
struct Field {
  std::string name;
  std::string type;     // C++
  std::string comment;  // GLSL's words
};

/// Members in the order of the push constants, then of the bindings.
std::vector<Field> fields_of(const Kernel& kernel);

/// C++ structs for the structures in the push constants, innermost first.
std::string nested_structs(const Kernel& kernel);

/// The body of pack().
std::string pack_lines(const Kernel& kernel);

}  // namespace forge::pack
