#pragma once

#include <glslang/Public/ShaderLang.h>

#include <deque>
#include <string>

#include "forge/shader/compile_log.hpp"

namespace forge::shader {

/// A text with question marks for what is beyond ASCII, names of includes apart. glslang spreads the sign of such bytes
/// over the word of SPIR-V that they come to stand in: what debugPrintfEXT prints loses the characters beside them, or
/// has no end.
std::string in_ascii(std::string text);

/// Answers glslang's #include from a set of texts held in memory; never reads a file. Included by compile.cpp alone.
class Includer final : public glslang::TShader::Includer {
 public:
  /// `lines`: the module names its texts.
  Includer(const SourceTexts& texts, bool lines) : texts_(texts), lines_(lines) {}

  IncludeResult* includeLocal(const char* name, const char*, size_t depth) override { return find(name, depth); }
  IncludeResult* includeSystem(const char* name, const char*, size_t depth) override { return find(name, depth); }
  void releaseInclude(IncludeResult* result) override { delete result; }

 private:
  IncludeResult* find(const std::string& name, size_t depth);
  IncludeResult* give(const std::string& name, std::string text);
  IncludeResult* refuse(std::string message);

  const SourceTexts& texts_;
  bool lines_;
  std::deque<std::string> given_;  // kept: a result only points at its text
  size_t count_ = 0;
};

}  // namespace forge::shader
