#pragma once

#include <map>
#include <string>

#include "forge/shader/reflect.hpp"

namespace forge::shader {

struct CompileOptions {
  Stage stage = Stage::compute;
  std::string name = "kernel";                   // shown in messages, as a file name is
  std::map<std::string, std::string> includes;   // name -> text, for #include "name"; library includes are found too
  std::map<std::string, std::string> defines;    // macro -> text
  bool lines = false;                            // line numbers in the module (OpLine)
  uint32_t vulkan_minor = 2;                     // target environment: Vulkan 1.x; SPIR-V 1.5 for 2, 1.6 for 3
};

/// GLSL text to SPIR-V with names kept. Throws SHADER_COMPILE; the message lists each error with the user's own line
/// number, that line's text, and the file it stands in. `details` carries "line" and "log".
Words compile(const std::string& glsl, const CompileOptions& options);

/// The same through the on-disk cache (see vk/cache.hpp): a warm process never starts glslang.
Words compile_cached(const std::string& glsl, const CompileOptions& options);

/// Checks a SPIR-V module handed in by a user (SPIRV-Tools). Throws SHADER_INVALID with the validator's words.
void validate(std::span<const uint32_t> words, uint32_t vulkan_minor);

/// Takes the bytes of a .spv file apart into words; throws SHADER_INVALID for a wrong size or magic number.
Words words_from_bytes(std::string_view bytes);

/// The texts under shaders/include, by the name that #include uses.
const std::map<std::string, std::string>& library_includes();

/// "glslang 13.1.1" and the like, for doctor and cache keys.
std::string compiler_version();

}  // namespace forge::shader
