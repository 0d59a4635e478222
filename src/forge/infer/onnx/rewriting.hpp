#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge/infer/onnx/model.hpp"

namespace forge::infer::onnx {

/// A graph in which nodes are replaced: who makes a value, who needs it, and what is known of it.
class Rewriting {
 public:
  Rewriting(Graph& graph, int64_t opset);

  size_t size() const { return graph_.nodes.size(); }
  int64_t opset() const { return opset_; }
  /// A node of ai.onnx that is still there, and has inputs (a Constant none) and outputs; null for others.
  const Node* node(size_t i) const;
  /// The node of this operator that makes a value; null where another one does.
  const Node* maker(const std::string& value, std::string_view op) const;
  /// Whether one node alone needs a value.
  bool has_one_user(const std::string& value) const;

  /// Values that the model holds.
  const HostTensor* tensor(const std::string& value) const;
  /// The one number that a value is.
  std::optional<double> number(const std::string& value) const;
  bool is_number(const std::string& value, double wanted) const;

  /// A new initializer's name.
  std::string hold(const std::string& like, const Dims& shape, std::shared_ptr<const float[]> values);
  /// Puts a node into the place of another that gives the same values. What nobody needs any more goes.
  void replace(size_t i, Node node);
  /// Takes out what was replaced.
  void finish();

 private:
  void note(const Graph& graph);
  void release(const std::string& value);

  Graph& graph_;
  int64_t opset_;
  std::map<std::string, size_t, std::less<>> makers_, users_;
  std::vector<bool> gone_;
};

/// A product of values and a number, seen through the nodes that multiply and divide.
struct Factors {
  std::vector<std::string> values;
  double number = 1;
  size_t steps = 0;  // that were taken: chains may be long, and those that bite their tails are
};
Factors factors_of(const Rewriting& graph, const Node& product);
Factors factors_of(const Rewriting& graph, const std::string& value);

const int64_t* whole_attribute(const Node& node, const std::string& name);
double real_attribute(const Node& node, const std::string& name, double otherwise);

}  // namespace forge::infer::onnx
