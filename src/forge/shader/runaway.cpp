#include "forge/shader/runaway.hpp"

#include <algorithm>
#include <string_view>

#include "forge/core/error.hpp"

namespace forge::shader {

namespace {

constexpr size_t kMostText = size_t{1} << 20;

// glslang walks `a+b+c+...` one stack level an operator, 440 bytes each: 20,000 of them end an 8 MiB stack with a
// signal. (Parentheses and braces are bounded by its parser.)
constexpr size_t kMostOperators = 2048;

constexpr std::string_view kBlanks = " \t\r\n\v\f";

// Bytes of the comment that starts at `at`; 0: none does.
size_t comment_length(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(rest.find('\n'), rest.size());
  if (rest.starts_with("/*")) return std::min(rest.find("*/", 2), rest.size() - 2) + 2;
  return 0;
}

// Commas within parentheses part arguments, which glslang keeps flat: a table of 10,000 numbers is fine.
class OperatorCount {
 public:
  size_t feed(char c) {
    if (c == '(') ++depth_;
    if (c == ')' && depth_ > 0) --depth_;
    if (c == ';' || c == '{' || c == '}' || (c == ',' && depth_ > 0)) count_ = 0;
    if (std::string_view("+-*/%&|^<>?=,").find(c) != std::string_view::npos) ++count_;
    return count_;
  }

 private:
  size_t depth_ = 0;
  size_t count_ = 0;
};

void refuse_endless_expression(const std::string& name, std::string_view glsl) {
  OperatorCount operators;
  size_t line = 1;
  for (size_t i = 0; i < glsl.size(); ++i) {
    if (const size_t skipped = comment_length(glsl, i)) {
      line += static_cast<size_t>(std::count(glsl.begin() + static_cast<ptrdiff_t>(i),
                                             glsl.begin() + static_cast<ptrdiff_t>(i + skipped), '\n'));
      i += skipped - 1;
      continue;
    }
    line += glsl[i] == '\n';
    if (operators.feed(glsl[i]) > kMostOperators)
      throw Error(ErrorCode::SHADER_COMPILE, name + ":" + std::to_string(line) + ": the expression is too long",
                  "at most " + std::to_string(kMostOperators) + " operators in a statement", {},
                  "name parts of it in statements of their own")
          .with("line", std::to_string(line));
  }
}

}  // namespace

void refuse_empty(const std::string& name, const std::string& glsl) {
  if (glsl.find_first_not_of(kBlanks) == std::string::npos)
    throw Error(ErrorCode::SHADER_COMPILE, name + " is empty", "GLSL text", "nothing");
}

void refuse_runaway(const std::string& name, const std::string& glsl) {
  if (glsl.size() > kMostText)
    throw Error(ErrorCode::SHADER_COMPILE, name + " is too long", "at most 1 MiB of GLSL",
                std::to_string(glsl.size()) + " bytes");
  if (const size_t at = glsl.find('\0'); at != std::string::npos)
    throw Error(ErrorCode::SHADER_COMPILE, name + " holds a NUL byte", "GLSL text",
                "a NUL at byte " + std::to_string(at), "was SPIR-V or another binary file passed as text?");
  refuse_endless_expression(name, glsl);
}

}  // namespace forge::shader
