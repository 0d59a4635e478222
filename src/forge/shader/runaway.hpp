#pragma once

#include <string>

namespace forge::shader {

/// Both throw SHADER_COMPILE.
void refuse_empty(const std::string& name, const std::string& glsl);

/// Refuses what would cost glslang minutes or its stack: a binary text, megabytes, an endless expression.
void refuse_runaway(const std::string& name, const std::string& glsl);

}  // namespace forge::shader
