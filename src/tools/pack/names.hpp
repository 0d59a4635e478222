#pragma once

#include <string>

namespace forge::pack {

/// A GLSL name as C++ can spell it: with an underscore behind where C++ or the generated struct uses the word.
std::string cpp_name(const std::string& name);

/// Letters, digits and underscores, and no word of C++.
bool is_free_identifier(const std::string& name);

}  // namespace forge::pack
