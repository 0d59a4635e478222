#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forge::shader {

/// The texts one compile may read: the user's own, the user's includes, then the library's. Views only.
class SourceTexts {
 public:
  using Texts = std::map<std::string, std::string>;
  SourceTexts(std::string_view name, std::string_view text, const Texts& user, const Texts& library)
      : name_(name), text_(text), user_(user), library_(library) {}

  std::string_view name() const { return name_; }
  const std::string* include(const std::string& name) const;
  std::vector<std::string> include_names() const;

  /// One line of a text by the name that messages show; empty where there is none, or where #line renumbered it.
  std::string_view line(std::string_view name, size_t number) const;

 private:
  std::string_view name_;
  std::string_view text_;
  const Texts& user_;
  const Texts& library_;
};

/// Turns glslang's log into SHADER_COMPILE: each error with the user's line number and text.
[[noreturn]] void throw_compile_error(const std::string& log, const SourceTexts& texts);

}  // namespace forge::shader
