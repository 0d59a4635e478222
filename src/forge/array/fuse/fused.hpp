#pragma once

#include <map>
#include <string>
#include <vector>

#include "forge/array/fuse/node.hpp"

namespace forge::array {

/// One expression, or several of a shape, as straight GLSL: `body` makes values v0, v1, ... out of inputs x0, x1, ... and
/// numbers n0, n1, ... The text depends on what is computed, not on shapes or values.
class Fused {
 public:
  explicit Fused(const Dims& shape) : shape_(shape) {}

  /// Adds a value, and what it is made of. False where it would read more than `most` arrays; then it is not added.
  bool add(Node& value, size_t most);

  const Dims& shape() const { return shape_; }
  const std::vector<Array>& inputs() const { return inputs_; }
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  const std::vector<DType>& number_dtypes() const { return number_dtypes_; }
  const std::vector<Node*>& outputs() const { return outputs_; }
  const std::vector<std::string>& results() const { return results_; }  // the outputs' names in the body
  const std::string& body() const { return body_; }
  const std::string& name() const { return name_; }  // what is computed, for profiles: "multiply_add"
  size_t statements() const { return next_; }
  bool uses(char kind, size_t bytes) const;  // values of such a dtype stand in it

 private:
  std::string visit(const Node& node);
  std::string input(const Array& array);
  std::string number(const Node& node);
  std::string operation(const Node& node, const Node::Operation& how);
  std::string state(DType dtype, const std::string& expression);
  std::string converted(const std::string& value, DType from, DType to);
  void note(DType dtype);

  Dims shape_;
  std::vector<Array> inputs_;
  std::vector<uint64_t> numbers_;
  std::vector<DType> number_dtypes_;
  std::vector<Node*> outputs_;
  std::vector<std::string> results_;
  std::string body_, name_;
  size_t next_ = 0;
  std::vector<DType> dtypes_;  // of all values
  std::map<const Node*, std::string> of_node_;  // names
  std::map<std::string, std::string> of_statement_;  // equal parts once
};

/// GLSL's type for a value of a dtype while it is computed with: at least 32 bits.
std::string_view value_type(DType dtype);

}  // namespace forge::array
