#pragma once

#include <memory>

#include "forge/shader/compile.hpp"
#include "forge/shader/program.hpp"

namespace forge::shader {

/// A compute program of the library's own that is compiled at run time, through the cache on disk, for what the device
/// understands. `options.name` stands in messages, `name` in profiles.
std::unique_ptr<Program> program_from(vk::Device& device, const std::string& text, CompileOptions options,
                                      const std::string& name);

}  // namespace forge::shader
