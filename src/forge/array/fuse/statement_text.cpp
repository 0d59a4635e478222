#include "forge/array/fuse/statement_text.hpp"

#include <array>
#include <cctype>
#include <set>

namespace forge::array {

using std::to_string;

std::string_view value_type(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  switch (row.kind) {
    case 'b': return "bool";
    case 'i': return row.size == 8 ? "int64_t" : "int";
    case 'u': return row.size == 8 ? "uint64_t" : "uint";
    case 'f': return row.size == 8 ? "double" : "float";
    default: return row.size == 16 ? "dvec2" : "vec2";
  }
}

std::string loaded(DType dtype, const std::string& memory) {
  if (dtype == DType::bfloat16) return "uintBitsToFloat(uint(" + memory + ") << 16)";
  if (dtype == DType::bool_) return "uint(" + memory + ") != 0u";
  return text_of(value_type(dtype)) + "(" + memory + ")";
}

std::string stored(DType dtype, const std::string& value) {
  const std::string type = text_of(dtype_row(dtype).glsl);
  if (dtype == DType::bfloat16) return type + "(floatBitsToUint(" + value + ") >> 16)";
  return dtype == DType::bool_ ? type + "(uint(" + value + "))" : type + "(" + value + ")";
}

std::string from_word(DType dtype, const std::string& word) {
  if (dtype_row(dtype).kind == 'f') return "uintBitsToFloat(" + word + ")";
  return text_of(value_type(dtype)) + "(" + word + ")";
}

std::string to_word(DType dtype, const std::string& value) {
  return dtype_row(dtype).kind == 'f' ? "floatBitsToUint(" + value + ")" : "uint(" + value + ")";
}

namespace {

std::string real_text(bool wide, const std::string& low, const std::string& high) {
  return wide ? "packDouble2x32(uvec2(" + low + ", " + high + "))" : "uintBitsToFloat(" + low + ")";
}

}  // namespace

std::string number_text(DType dtype, size_t index) {
  const auto word = [&](size_t i) { return "p.at[" + to_string(kNumberWords * index + i) + "]"; };
  const std::string type = text_of(value_type(dtype));
  const size_t bytes = size_of(dtype);
  switch (dtype_row(dtype).kind) {
    case 'b': return word(0) + " != 0u";
    case 'f': return real_text(bytes == 8, word(0), word(1));
    case 'c':
      if (bytes == 8) return type + "(uintBitsToFloat(" + word(0) + "), uintBitsToFloat(" + word(1) + "))";
      return type + "(" + real_text(true, word(0), word(1)) + ", " + real_text(true, word(2), word(3)) + ")";
    default: break;
  }
  if (bytes < 8) return type + "(" + word(0) + ")";
  return type + "(packUint2x32(uvec2(" + word(0) + ", " + word(1) + ")))";
}

std::string fitted(DType dtype, const std::string& expression) {
  const DTypeRow& row = dtype_row(dtype);
  if (dtype == DType::float16) return "half_rounded(" + expression + ")";
  if (dtype == DType::bfloat16) return "brain_rounded(" + expression + ")";
  if ((row.kind != 'i' && row.kind != 'u') || row.size >= 4) return expression;
  return "bitfieldExtract(" + expression + ", 0, " + to_string(row.size * 8) + ")";
}

std::string operand_text(uint16_t operand) {
  if (operand & Statement::kNumber) return "n" + to_string(operand & ~Statement::kNumber);
  if (operand & Statement::kInput) return "x" + to_string(operand & ~Statement::kInput);
  if (operand & Statement::kProduct) return "product_value";
  return "v" + to_string(operand);
}

namespace {

std::string converted(const std::string& value, DType from, DType to) {
  const std::string type = text_of(value_type(to)), before = text_of(value_type(from));
  const bool is_complex = dtype_row(from).kind == 'c';
  if (from == to) return value;
  if (is_short_float(to) && from == DType::float64) return fitted(to, value);
  if (to == DType::bool_) return value + " != " + before + "(0)";
  if (dtype_row(to).kind == 'c' && !is_complex)
    return type + "(" + text_of(value_type(part_of(to))) + "(" + value + "), 0)";
  return fitted(to, type + "(" + value + ")");
}

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// An expression of the table with its operands and type put in.
std::string filled(std::string_view text, std::string_view type, const std::array<std::string, 3>& operands) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && is_word_part(text[end])) ++end;
    const std::string_view word = text.substr(i, end - i);
    if (word == "T")
      out += type;
    else if (word.size() == 1 && word[0] >= 'a' && word[0] <= 'c' && (i == 0 || text[i - 1] != '.'))
      out += operands[static_cast<size_t>(word[0] - 'a')];
    else
      out += word;
    i = end;
    if (i < text.size()) out += text[i++];
  }
  return out;
}

std::string expression_of(const Statement& statement) {
  std::array<std::string, 3> operands;
  for (size_t i = 0; i < statement.operand_count(); ++i) operands[i] = operand_text(statement.operands[i]);
  if (statement.table) {
    const std::string table = "push.t" + to_string(statement.table - 1);
    return loaded(statement.dtype, table + ".at[uint(" + operands[0] + ")]");
  }
  if (!statement.row) return converted(operands[0], statement.computed, statement.dtype);
  return fitted(statement.dtype,
                filled(statement.row->expression(statement.computed), value_type(statement.computed), operands));
}

std::set<const ElementwiseRow*> rows_in(const Fused& fused) {
  std::set<const ElementwiseRow*> rows;  // in the table's order
  for (const Statement& s : fused.statements())
    if (s.row) rows.insert(s.row);
  return rows;
}

}  // namespace

std::string line_of(const Fused& fused, size_t i) {
  const Statement& s = fused.statements()[i];
  const char kind = dtype_row(s.dtype).kind;
  std::string line = "    ";
  line.append(kind == 'f' || kind == 'c' ? "precise " : "").append(value_type(s.dtype));
  return line.append(" v").append(to_string(i)).append(" = ").append(expression_of(s)).append(";\n");
}

std::string body_of(const Fused& fused) {
  std::string body;
  for (size_t i = 0; i < fused.statements().size(); ++i) body += line_of(fused, i);
  return body;
}

std::vector<std::pair<std::string, std::string>> uses_of(const Fused& fused) {
  std::vector<std::pair<std::string, std::string>> uses;
  if (fused.uses('i', 8) || fused.uses('u', 8)) uses.emplace_back("USES_INT64", "1");
  if (fused.uses('f', 8) || fused.uses('c', 16)) uses.emplace_back("USES_FLOAT64", "1");
  if (fused.uses('c', 8) || fused.uses('c', 16)) uses.emplace_back("USES_COMPLEX", "1");
  for (const ElementwiseRow* row : rows_in(fused)) uses.emplace_back("USES_" + std::string(row->name), "1");
  return uses;
}

}  // namespace forge::array
