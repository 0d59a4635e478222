#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forge/array/fuse/fused.hpp"

// Values and statements of a fused kernel as GLSL.
namespace forge::array {

constexpr size_t kNumberWords = 4;  // of a number among the parameters `p`

inline std::string text_of(std::string_view view) { return std::string(view); }

/// GLSL's type for a value of a dtype while it is computed with: at least 32 bits.
std::string_view value_type(DType dtype);

/// A value out of memory, and back.
std::string loaded(DType dtype, const std::string& memory);
std::string stored(DType dtype, const std::string& value);
/// A value of four bytes out of a word, and back.
std::string from_word(DType dtype, const std::string& word);
std::string to_word(DType dtype, const std::string& value);
/// Number `index` out of the parameters.
std::string number_text(DType dtype, size_t index);
/// Integers narrower than a register come back into their range; floats of 16 bits are rounded.
std::string fitted(DType dtype, const std::string& expression);

std::string operand_text(uint16_t operand);
/// A statement, `precise`: the same bits on every device, whatever it could fuse.
std::string line_of(const Fused& fused, size_t statement);
std::string body_of(const Fused& fused);  // all of them

/// Macros that an expression's text needs before include/elementwise.glsl.
std::vector<std::pair<std::string, std::string>> uses_of(const Fused& fused);

}  // namespace forge::array
