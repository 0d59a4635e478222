#include "forge/array/fuse/fused.hpp"

#include <algorithm>

namespace forge::array {

namespace {

constexpr size_t kLongestName = 60;

}  // namespace

bool same_memory(const Array& a, const Array& b) {
  return a.storage() == b.storage() && a.offset() == b.offset() && a.dtype() == b.dtype() && a.shape() == b.shape() &&
         a.strides() == b.strides();
}

size_t Fused::StatementHash::operator()(const Statement& s) const {
  uint64_t hash = (s.row ? static_cast<uint64_t>(s.row->op) + 1 : 0) + (static_cast<uint64_t>(s.reduces) << 16) +
                  (uint64_t{s.table} << 32);
  for (const uint64_t part : {static_cast<uint64_t>(s.computed), static_cast<uint64_t>(s.dtype),
                              uint64_t{s.operands[0]}, uint64_t{s.operands[1]}, uint64_t{s.operands[2]}})
    hash = (hash ^ part) * 0x9E3779B97F4A7C15;
  return hash ^ hash >> 32;
}

bool Fused::add(Node& value, size_t most) {
  const Mark mark{inputs_.size(), tables_.size(), numbers_.size(), statements_.size(), seen_.size()};
  const uint16_t result = visit(value);
  if (inputs_.size() + tables_.size() + outputs_.size() + 1 > most) {
    back_to(mark);
    return false;
  }
  outputs_.push_back(&value);
  results_.push_back(result);
  return true;
}

void Fused::back_to(const Mark& mark) {
  inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(mark.inputs), inputs_.end());
  ahead_.resize(mark.inputs);
  tables_.erase(tables_.begin() + static_cast<std::ptrdiff_t>(mark.tables), tables_.end());
  numbers_.resize(mark.numbers);
  number_dtypes_.resize(mark.numbers);
  for (size_t i = mark.statements; i < statements_.size(); ++i) of_statement_.erase(statements_[i]);
  statements_.resize(mark.statements);
  for (size_t i = mark.seen; i < seen_.size(); ++i) of_node_.erase(seen_[i]);
  seen_.resize(mark.seen);
}

uint16_t Fused::visit(const Node& node) {
  if (const auto found = of_node_.find(&node); found != of_node_.end()) return found->second;
  uint16_t value = 0;
  if (&node == product_)
    value = Statement::kProduct;
  else if (node.is_ready())
    value = input(*node.array);
  else if (node.is_number())
    value = number(node);
  else
    value = operation(node, std::get<Node::Operation>(node.how));
  of_node_.emplace(&node, value);
  seen_.push_back(&node);
  return value;
}

namespace {

// Along the axes of a shape of as many axes or more; none where nothing is read ahead.
Dims aligned(const Dims& ahead, const Dims& shape) {
  if (std::all_of(ahead.begin(), ahead.end(), [](int64_t places) { return places == 0; })) return {};
  Dims all = shape;
  const size_t lead = shape.size() - ahead.size();
  for (size_t i = 0; i < shape.size(); ++i) all[i] = i < lead ? 0 : ahead[i - lead];
  return all;
}

}  // namespace

uint16_t Fused::input(const Array& array, const Dims& ahead) {
  size_t k = 0;
  while (k < inputs_.size() && !(same_memory(inputs_[k], array) && ahead_[k] == ahead)) ++k;
  if (k == inputs_.size()) inputs_.push_back(array), ahead_.push_back(ahead);
  return static_cast<uint16_t>(Statement::kInput | k);
}

uint16_t Fused::gather(const Node& node, const Node::Operation& how) {
  const Node& places = *how.operands[1];
  const Array& table = *how.operands[0]->array;
  Statement statement{nullptr, places.dtype, node.dtype, {visit(places)}, RowReduction::none};
  size_t k = 0;
  while (k < tables_.size() && !same_memory(tables_[k], table)) ++k;
  if (k == tables_.size()) tables_.push_back(table);
  statement.table = static_cast<uint16_t>(k + 1);
  return state(statement);
}

uint16_t Fused::number(const Node& node) {
  numbers_.push_back(std::get<NumberBits>(node.how));
  number_dtypes_.push_back(node.dtype);
  return static_cast<uint16_t>(Statement::kNumber | (numbers_.size() - 1));
}

uint16_t Fused::operation(const Node& node, const Node::Operation& how) {
  if (how.gathers) return gather(node, how);
  if (how.ahead) return input(*how.operands[0]->array, aligned(*how.ahead, shape_));
  Statement statement{how.row, how.computed, node.dtype, {}, how.reduces};
  for (size_t i = 0; i < how.count; ++i) {
    const Node& operand = *how.operands[i];
    const bool condition = i == 0 && how.row && how.row->rule == DtypeRule::choose;
    const DType wanted = condition ? DType::bool_ : how.computed;
    const uint16_t value = visit(operand);
    statement.operands[i] =
        operand.dtype == wanted ? value : state({nullptr, operand.dtype, wanted, {value}, RowReduction::none});
  }
  return how.row || how.reduces != RowReduction::none ? state(statement) : statement.operands[0];
}

uint16_t Fused::state(const Statement& statement) {
  const auto [found, fresh] = of_statement_.emplace(statement, static_cast<uint16_t>(statements_.size()));
  if (fresh) statements_.push_back(statement);
  return found->second;
}

DType Fused::dtype_of(uint16_t operand) const {
  if (operand & Statement::kNumber) return number_dtypes_[operand & ~Statement::kNumber];
  if (operand & Statement::kInput) return inputs_[operand & ~Statement::kInput].dtype();
  if (operand & Statement::kProduct) return product_->dtype;
  return statements_[operand].dtype;
}

void Fused::append_key(std::string& key) const {
  const auto put = [&](auto value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const auto count : {inputs_.size(), tables_.size(), numbers_.size(), statements_.size(), outputs_.size()})
    put(static_cast<uint16_t>(count));
  put(by_rows_);
  for (const Array& in : inputs_) put(in.dtype());
  for (const Array& table : tables_) put(table.dtype());
  for (const DType dtype : number_dtypes_) put(dtype);
  for (const Statement& s : statements_) {
    put(static_cast<unsigned char>(s.row ? static_cast<size_t>(s.row->op) + 1 : 0));
    put(s.reduces);
    put(s.table);
    put(s.computed);
    put(s.dtype);
    for (size_t i = 0; i < s.operand_count(); ++i) put(s.operands[i]);
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    put(outputs_[i]->dtype);
    put(results_[i]);
  }
}

std::string Fused::name() const {
  std::string name;
  for (const Statement& s : statements_) {
    const std::string_view part = s.row ? s.row->name : s.table ? "gather" : name_of(s.reduces);
    if (!part.empty() && name.size() + part.size() < kLongestName) name.append(name.empty() ? "" : "_").append(part);
  }
  return name.empty() ? "copy" : name;
}

bool Fused::uses(char kind, size_t bytes) const {
  const auto is = [&](DType d) { return dtype_row(d).kind == kind && dtype_row(d).size == bytes; };
  const auto holds = [&](const Array& a) { return is(a.dtype()); };
  return std::any_of(inputs_.begin(), inputs_.end(), holds) || std::any_of(tables_.begin(), tables_.end(), holds) ||
         std::any_of(number_dtypes_.begin(), number_dtypes_.end(), is) ||
         std::any_of(statements_.begin(), statements_.end(),
                     [&](const Statement& s) { return is(s.computed) || is(s.dtype); });
}

}  // namespace forge::array
