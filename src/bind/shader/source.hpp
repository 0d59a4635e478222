#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "forge/shader/compile.hpp"
#include "forge/vk/device.hpp"

namespace forge::bind {

/// A shader as users give it: GLSL text, or the bytes of a SPIR-V module.
class ShaderSource {
 public:
  /// Throws BAD_TYPE for anything else; `what` begins the message.
  ShaderSource(pybind11::handle source, const std::string& what);
  bool says(const std::string& word) const { return text_ && content_.find(word) != std::string::npos; }
  /// Compiled for this device, or validated; run without the GIL.
  shader::Words words(shader::CompileOptions options, const vk::Device& device) const;

 private:
  bool text_;
  std::string content_;
};

}  // namespace forge::bind
