#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "forge/array/fuse/node.hpp"

namespace forge::array {

/// Whether two arrays are the same elements of the same memory.
bool same_memory(const Array& a, const Array& b);

/// One step of a fused computation: an operation in the dtype that its operands have been converted to, or a conversion.
struct Statement {
  const ElementwiseRow* row;  // null: converts `computed` to `dtype`
  DType computed, dtype;
  std::array<uint16_t, 3> operands;  // statements by number, or inputs and numbers behind the marks below
  RowReduction reduces = RowReduction::none;  // the rows of its operand, to `dtype`
  uint16_t table = 0;  // not 0: reads table number `table` - 1 at the place that its operand gives

  static constexpr uint16_t kInput = 0x4000, kNumber = 0x8000, kProduct = 0x2000;
  bool is_costly() const { return row && row->is_costly(computed); }
  size_t operand_count() const { return row ? row->operands : 1; }
  friend bool operator==(const Statement&, const Statement&) = default;
};

/// One expression, or several of a shape, as straight statements over inputs and numbers, equal parts once. Statements
/// depend on what is computed, not on shapes or values.
class Fused {
 public:
  /// `by_rows`: a workgroup takes a row of the last axis; values may be reductions along it, with an extent of 1 there.
  explicit Fused(const Dims& shape, bool by_rows = false) : shape_(shape), by_rows_(by_rows) {}

  /// What is computed goes on from this matrix product, each element from the one at its place.
  void goes_on_from(const Node& product) { product_ = &product; }

  /// Adds a value, and what it is made of. False where it would read and write more than `most` arrays; then it is not added.
  bool add(Node& value, size_t most);

  const Dims& shape() const { return shape_; }
  bool by_rows() const { return by_rows_; }
  const std::vector<Array>& inputs() const { return inputs_; }
  /// Of each input by how much it is read ahead along the shape's axes, round the end; none where it is not.
  const std::vector<Dims>& ahead() const { return ahead_; }
  /// Arrays of one axis that statements read anywhere.
  const std::vector<Array>& tables() const { return tables_; }
  const std::vector<NumberBits>& numbers() const { return numbers_; }
  const std::vector<DType>& number_dtypes() const { return number_dtypes_; }
  const std::vector<Statement>& statements() const { return statements_; }
  const std::vector<Node*>& outputs() const { return outputs_; }
  const std::vector<uint16_t>& results() const { return results_; }  // what each output is, as an operand
  DType dtype_of(uint16_t operand) const;
  /// What stands for the statements: equal keys, equal kernels.
  void append_key(std::string& key) const;
  std::string name() const;  // what is computed, for profiles: "multiply_add"
  bool uses(char kind, size_t bytes) const;  // values of such a dtype stand in it

 private:
  struct Mark {
    size_t inputs, tables, numbers, statements, seen;
  };
  void back_to(const Mark& mark);
  uint16_t visit(const Node& node);
  uint16_t input(const Array& array, const Dims& ahead = {});
  uint16_t number(const Node& node);
  uint16_t gather(const Node& node, const Node::Operation& how);
  uint16_t operation(const Node& node, const Node::Operation& how);
  uint16_t state(const Statement& statement);

  struct StatementHash {
    size_t operator()(const Statement& statement) const;
  };

  Dims shape_;
  bool by_rows_;
  const Node* product_ = nullptr;
  std::vector<Array> inputs_, tables_;
  std::vector<Dims> ahead_;
  std::vector<NumberBits> numbers_;
  std::vector<DType> number_dtypes_;
  std::vector<Statement> statements_;
  std::vector<Node*> outputs_;
  std::vector<uint16_t> results_;
  std::unordered_map<const Node*, uint16_t> of_node_;
  std::vector<const Node*> seen_;  // in order, to go back by
  std::unordered_map<Statement, uint16_t, StatementHash> of_statement_;
};

}  // namespace forge::array
