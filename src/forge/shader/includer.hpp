#pragma once

#include <glslang/Public/ShaderLang.h>

#include <deque>
#include <string>

#include "forge/shader/compile_log.hpp"

namespace forge::shader {

/// Answers glslang's #include from a set of texts held in memory; never reads a file. Included by compile.cpp alone.
class Includer final : public glslang::TShader::Includer {
 public:
  explicit Includer(const SourceTexts& texts) : texts_(texts) {}

  IncludeResult* includeLocal(const char* name, const char*, size_t depth) override { return find(name, depth); }
  IncludeResult* includeSystem(const char* name, const char*, size_t depth) override { return find(name, depth); }
  void releaseInclude(IncludeResult* result) override { delete result; }

 private:
  IncludeResult* find(const std::string& name, size_t depth);
  IncludeResult* refuse(std::string message);

  const SourceTexts& texts_;
  std::deque<std::string> refusals_;  // kept: a result only points at its text
  size_t count_ = 0;
};

}  // namespace forge::shader
