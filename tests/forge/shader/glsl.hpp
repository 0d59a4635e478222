#pragma once

#include <gtest/gtest.h>

#include <string>

#include "forge/core/error.hpp"
#include "forge/shader/compile.hpp"

namespace forge::shader {

inline Words compiled(const std::string& glsl, Stage stage = Stage::compute, uint32_t vulkan_minor = 2) {
  CompileOptions options;
  options.stage = stage;
  options.vulkan_minor = vulkan_minor;
  return compile(glsl, options);
}

inline Reflection reflected(const std::string& glsl, Stage stage = Stage::compute, uint32_t vulkan_minor = 2) {
  return reflect(compiled(glsl, stage, vulkan_minor));
}

/// The Error that a call must throw.
template <class Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorCode::INTERNAL, "nothing was thrown");
}

inline std::string detail(const Error& error, std::string_view name) {
  for (const auto& [key, value] : error.details())
    if (key == name) return value;
  return "(no such detail)";
}

}  // namespace forge::shader
