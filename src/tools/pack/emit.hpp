#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/pack/kernel.hpp"

namespace forge::pack {

/// The struct of one kernel: forge_shaders/<family>/<name>.hpp.
std::string emit_header(const Kernel& kernel);

/// Modules and pack() of every kernel of one family.
std::string emit_family(const std::vector<const Kernel*>& kernels);

/// shader::embedded_modules().
std::string emit_registry(const std::vector<Kernel>& kernels);

/// shader::library_includes().
std::string emit_includes(const std::map<std::string, std::string>& includes);

}  // namespace forge::pack
