#include "forge/shader/includer.hpp"

namespace forge::shader {

namespace {
constexpr size_t kDeepest = 16;     // files inside files: more is a file that includes itself
constexpr size_t kMostFiles = 512;  // in one compile: bounds a file that includes itself twice
}  // namespace

glslang::TShader::Includer::IncludeResult* Includer::find(const std::string& name, size_t depth) {
  if (depth > kDeepest) return refuse("includes are nested deeper than " + std::to_string(kDeepest));
  if (++count_ > kMostFiles) return refuse("more than " + std::to_string(kMostFiles) + " includes");
  if (const std::string* text = texts_.include(name))
    return new IncludeResult(name, text->data(), text->size(), nullptr);
  std::string known;
  for (const std::string& other : texts_.include_names()) known += (known.empty() ? "" : ", ") + other;
  return refuse("no include has this name; known: " + (known.empty() ? "none" : known));
}

glslang::TShader::Includer::IncludeResult* Includer::refuse(std::string message) {
  refusals_.push_back(std::move(message));
  return new IncludeResult("", refusals_.back().data(), refusals_.back().size(), nullptr);
}

}  // namespace forge::shader
