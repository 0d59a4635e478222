#include "forge/array/fuse/fused.hpp"

#include <algorithm>

namespace forge::array {

namespace {

bool same_memory(const Array& a, const Array& b) {
  return a.storage() == b.storage() && a.offset() == b.offset() && a.dtype() == b.dtype() && a.shape() == b.shape() &&
         a.strides() == b.strides();
}

// Integers narrower than a register come back into their range; half floats are rounded.
std::string fitted(DType dtype, const std::string& expression) {
  const DTypeRow& row = dtype_row(dtype);
  if (dtype == DType::float16) return "half_rounded(" + expression + ")";
  if ((row.kind != 'i' && row.kind != 'u') || row.size >= 4) return expression;
  return "bitfieldExtract(" + expression + ", 0, " + std::to_string(row.size * 8) + ")";
}

std::string filled(std::string_view text, std::string_view type, const std::vector<std::string>& operands) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    const char which = text[++i];
    out += which == 'T' ? type : std::string_view(operands[static_cast<size_t>(which - 'a')]);
  }
  return out;
}

constexpr size_t kLongestName = 60;

}  // namespace

std::string_view value_type(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  switch (row.kind) {
    case 'b': return "bool";
    case 'i': return row.size == 8 ? "int64_t" : "int";
    case 'u': return row.size == 8 ? "uint64_t" : "uint";
    default: return row.size == 8 ? "double" : "float";
  }
}

bool Fused::uses(char kind, size_t bytes) const {
  return std::any_of(dtypes_.begin(), dtypes_.end(),
                     [&](DType d) { return dtype_row(d).kind == kind && dtype_row(d).size == bytes; });
}

void Fused::note(DType dtype) {
  if (std::find(dtypes_.begin(), dtypes_.end(), dtype) == dtypes_.end()) dtypes_.push_back(dtype);
}

bool Fused::add(Node& value, size_t most) {
  Fused tried = *this;
  const std::string result = tried.visit(value);
  tried.outputs_.push_back(&value);
  tried.results_.push_back(result);
  if (tried.inputs_.size() + tried.outputs_.size() > most) return false;
  *this = std::move(tried);
  return true;
}

std::string Fused::visit(const Node& node) {
  if (const auto found = of_node_.find(&node); found != of_node_.end()) return found->second;
  std::string name;
  if (node.is_ready())
    name = input(*node.array);
  else if (node.is_number())
    name = number(node);
  else
    name = operation(node, std::get<Node::Operation>(node.how));
  of_node_.emplace(&node, name);
  return name;
}

std::string Fused::input(const Array& array) {
  note(array.dtype());
  const auto at = std::find_if(inputs_.begin(), inputs_.end(), [&](const Array& a) { return same_memory(a, array); });
  const auto index = static_cast<size_t>(at - inputs_.begin());
  if (at == inputs_.end()) inputs_.push_back(array);
  return "x" + std::to_string(index);
}

std::string Fused::number(const Node& node) {
  note(node.dtype);
  numbers_.push_back(std::get<Node::Number>(node.how).bits);
  number_dtypes_.push_back(node.dtype);
  return "n" + std::to_string(numbers_.size() - 1);
}

std::string Fused::operation(const Node& node, const Node::Operation& how) {
  std::vector<std::string> operands;
  for (size_t i = 0; i < how.operands.size(); ++i) {
    const Node& operand = *how.operands[i];
    const bool condition = i == 0 && how.row && how.row->rule == DtypeRule::choose;
    operands.push_back(converted(visit(operand), operand.dtype, condition ? DType::bool_ : how.computed));
  }
  if (!how.row) return operands[0];
  if (name_.size() + how.row->name.size() < kLongestName) name_.append(name_.empty() ? "" : "_").append(how.row->name);
  const std::string text = filled(how.row->glsl(how.computed), value_type(how.computed), operands);
  return state(node.dtype, fitted(node.dtype, text));
}

std::string Fused::converted(const std::string& value, DType from, DType to) {
  if (from == to) return value;
  const std::string type(value_type(to));
  if (to == DType::float16 && from == DType::float64) return state(to, "half_rounded(" + value + ")");
  if (to == DType::bool_) return state(to, value + " != " + std::string(value_type(from)) + "(0)");
  return state(to, fitted(to, type + "(" + value + ")"));
}

std::string Fused::state(DType dtype, const std::string& expression) {
  note(dtype);
  const auto [found, fresh] = of_statement_.emplace(std::string(name_of(dtype)) + expression, "");
  if (!fresh) return found->second;
  found->second = "v" + std::to_string(next_++);
  // `precise`: the same bits on every device, whatever it could fuse.
  const bool rounds = dtype_row(dtype).kind == 'f';
  body_.append("    ").append(rounds ? "precise " : "").append(value_type(dtype)).append(" ");
  body_.append(found->second).append(" = ").append(expression).append(";\n");
  return found->second;
}

}  // namespace forge::array
