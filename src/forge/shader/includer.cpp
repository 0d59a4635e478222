#include "forge/shader/includer.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace forge::shader {

namespace {
constexpr size_t kDeepest = 16;     // files inside files: more is a file that includes itself
constexpr size_t kMostFiles = 512;  // in one compile: bounds a file that includes itself twice

bool is_include(std::string_view line) {
  const auto skip = [&](std::string_view what) {
    line.remove_prefix(std::min(line.find_first_not_of(what), line.size()));
  };
  skip(" \t");
  if (!line.starts_with('#')) return false;
  line.remove_prefix(1);
  skip(" \t");
  return line.starts_with("include");
}
}  // namespace

std::string in_ascii(std::string text) {
  const auto beyond = [](char c) { return static_cast<unsigned char>(c) > 0x7f; };
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto line = text.begin() + static_cast<std::ptrdiff_t>(at),
               after = text.begin() + static_cast<std::ptrdiff_t>(end);
    if (!is_include({line, after})) std::replace_if(line, after, beyond, '?');
    at = end + 1;
  }
  return text;
}

glslang::TShader::Includer::IncludeResult* Includer::find(const std::string& name, size_t depth) {
  if (depth > kDeepest) return refuse("includes are nested deeper than " + std::to_string(kDeepest));
  if (++count_ > kMostFiles) return refuse("more than " + std::to_string(kMostFiles) + " includes");
  if (const std::string* text = texts_.include(name)) return give(lines_ ? in_ascii(name) : name, in_ascii(*text));
  std::string known;
  for (const std::string& other : texts_.include_names()) known += (known.empty() ? "" : ", ") + other;
  return refuse("no include has this name; known: " + (known.empty() ? "none" : known));
}

glslang::TShader::Includer::IncludeResult* Includer::give(const std::string& name, std::string text) {
  given_.push_back(std::move(text));
  return new IncludeResult(name, given_.back().data(), given_.back().size(), nullptr);
}

glslang::TShader::Includer::IncludeResult* Includer::refuse(std::string message) {
  return give("", std::move(message));
}

}  // namespace forge::shader
