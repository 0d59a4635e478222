#pragma once

#include <concepts>
#include <cstdio>
#include <string>

// Numbers as error messages show them.
namespace forge::graphics {

inline std::string text(std::integral auto value) { return std::to_string(value); }

inline std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.9g", value);
  return digits;
}

/// "(1, 2.5)"
template <class... Rest>
std::string tuple_text(auto first, Rest... rest) {
  std::string all = "(";
  all += text(first);
  ((all += ", ", all += text(rest)), ...);
  return all += ")";
}

}  // namespace forge::graphics
