#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/core/shape.hpp"

// An ONNX model as plain data, as the reader of the file hands it over once.
namespace forge::infer::onnx {

struct Graph;
using Ints = std::vector<int64_t>;
using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

/// C-contiguous values in host memory.
struct HostTensor {
  DType dtype = DType::float32;
  Dims shape;
  const void* values = nullptr;
  std::shared_ptr<const void> keepalive = nullptr;
};

using Attribute =
    std::variant<int64_t, double, std::string, Ints, Reals, Texts, HostTensor, std::shared_ptr<const Graph>>;

struct Node {
  std::string op, domain, name;
  Texts inputs, outputs;  // "" for an optional one that is left out
  std::map<std::string, Attribute> attributes = {};
  Texts last = {};  // values that nothing needs behind it; check() fills it in

  /// `Conv "conv_1"`, for messages.
  std::string text() const;
};

/// What a graph takes or gives.
struct Port {
  std::string name;
  std::optional<DType> dtype;        // none: any
  std::optional<Ints> shape = {};    // -1 where an extent is free; none: any shape
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Port> inputs, outputs;  // those of initializers left out
  std::map<std::string, HostTensor> initializers;
};

struct Model {
  Graph graph;
  std::map<std::string, int64_t> opsets;  // by domain; "" is ai.onnx
};

/// The graph that an attribute is; null for others.
const Graph* graph_of(const Attribute& attribute);
/// Whether graphs stand among a node's attributes.
bool has_graphs(const Node& node);

/// Puts nodes into an order in which they can run, and says after which nobody needs a value. Throws INVALID_ARGUMENT for
/// values that nobody makes, that are made twice, or that need themselves; MISSING_FEATURE for operators without a row.
void check(Model& model);

/// Every operator of the model that has no row, in words: `Det of opset 11 (node "det")`.
Texts unsupported(const Model& model);

}  // namespace forge::infer::onnx
