#include "forge/infer/onnx/rewriting.hpp"

#include <algorithm>
#include <cmath>

#include "forge/infer/onnx/fusions.hpp"

namespace forge::infer::onnx {

namespace {

template <class T>
const T* find(const Node& node, const std::string& name) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? nullptr : std::get_if<T>(&found->second);
}

constexpr size_t kMostFactors = 8, kMostSteps = 32;

void add_factors(const Rewriting& graph, const std::string& value, Factors& factors);

void add_factors(const Rewriting& graph, const Node& node, Factors& factors) {
  const bool divides = node.op == "Div";
  if (node.inputs.size() != 2) return factors.values.push_back("");
  if (const auto number = graph.number(node.inputs[1])) {
    factors.number *= divides ? 1 / *number : *number;
    return add_factors(graph, node.inputs[0], factors);
  }
  if (divides) return factors.values.push_back(node.outputs[0]);
  for (const std::string& input : node.inputs) add_factors(graph, input, factors);
}

void add_factors(const Rewriting& graph, const std::string& value, Factors& factors) {
  if (++factors.steps > kMostSteps || factors.values.size() >= kMostFactors) return factors.values.push_back("");
  if (const auto number = graph.number(value)) {
    factors.number *= *number;
    return;
  }
  const Node* maker = graph.maker(value, "Mul");
  if (!maker) maker = graph.maker(value, "Div");
  if (maker && graph.has_one_user(value)) return add_factors(graph, *maker, factors);
  const Node* power = graph.maker(value, "Pow");
  if (power && power->inputs.size() == 2 && graph.is_number(power->inputs[1], 3)) {
    factors.values.insert(factors.values.end(), 3, power->inputs[0]);
    return;
  }
  factors.values.push_back(value);
}

}  // namespace

Rewriting::Rewriting(Graph& graph, int64_t opset) : graph_(graph), opset_(opset), gone_(graph.nodes.size()) {
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    for (const std::string& output : graph.nodes[i].outputs) makers_.emplace(output, i);
  note(graph);
}

// Whatever a name inside of a node's graphs means, it counts as a use of the value of that name here.
void Rewriting::note(const Graph& graph) {
  for (const Port& port : graph.outputs) users_[port.name] += 2;  // no node is its one user
  for (const Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) ++users_[input];
    for (const auto& [name, attribute] : node.attributes)
      if (const Graph* inner = graph_of(attribute)) note(*inner);
  }
}

const Node* Rewriting::node(size_t i) const {
  const Node& node = graph_.nodes[i];
  const bool is_whole = !node.outputs.empty() && (!node.inputs.empty() || node.op == "Constant");
  return gone_[i] || !node.domain.empty() || !is_whole ? nullptr : &node;
}

const Node* Rewriting::maker(const std::string& value, std::string_view op) const {
  const auto found = makers_.find(value);
  if (value.empty() || found == makers_.end()) return nullptr;
  const Node* made = node(found->second);
  return made && made->op == op && made->outputs[0] == value ? made : nullptr;
}

bool Rewriting::has_one_user(const std::string& value) const {
  const auto found = users_.find(value);
  return found != users_.end() && found->second == 1;
}

const HostTensor* Rewriting::tensor(const std::string& value) const {
  if (const auto held = graph_.initializers.find(value); held != graph_.initializers.end()) return &held->second;
  const Node* constant = maker(value, "Constant");
  return constant ? find<HostTensor>(*constant, "value") : nullptr;
}

std::optional<double> Rewriting::number(const std::string& value) const {
  const HostTensor* held = tensor(value);
  if (held && element_count(held->shape) == 1 && held->shape.size() <= 1) {
    if (held->dtype == DType::float32) return *static_cast<const float*>(held->values);
    if (held->dtype == DType::float64) return *static_cast<const double*>(held->values);
    return std::nullopt;
  }
  const Node* constant = maker(value, "Constant");
  const auto* real = constant ? find<double>(*constant, "value_float") : nullptr;
  return real ? std::optional(*real) : std::nullopt;
}

bool Rewriting::is_number(const std::string& value, double wanted) const {
  const auto held = number(value);
  return held && std::abs(*held - wanted) <= 1e-4 * std::abs(wanted);
}

std::string Rewriting::hold(const std::string& like, const Dims& shape, std::shared_ptr<const float[]> values) {
  std::string name = like;
  while (graph_.initializers.contains(name) || makers_.contains(name) || users_.contains(name)) name += "'";
  const float* const first = values.get();
  graph_.initializers.emplace(name, HostTensor{DType::float32, shape, first, std::move(values)});
  return name;
}

void Rewriting::release(const std::string& value) {
  const auto used = users_.find(value);
  if (value.empty() || used == users_.end() || used->second == 0) return;
  used->second -= 1;
  if (used->second > 0) return;
  const auto made = makers_.find(value);
  if (made == makers_.end()) {
    graph_.initializers.erase(value);
    return;
  }
  const Node& node = graph_.nodes[made->second];
  const bool needed = std::any_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
    const auto users = users_.find(output);
    return users != users_.end() && users->second > 0;
  });
  if (gone_[made->second] || needed || has_graphs(node)) return;
  gone_[made->second] = true;
  for (const std::string& input : node.inputs) release(input);
}

void Rewriting::replace(size_t i, Node node) {
  for (const std::string& input : node.inputs) ++users_[input];
  const Texts before = graph_.nodes[i].inputs;
  graph_.nodes[i] = std::move(node);
  for (const std::string& input : before) release(input);
}

void Rewriting::finish() {
  std::vector<Node> kept;
  for (size_t i = 0; i < graph_.nodes.size(); ++i)
    if (!gone_[i]) kept.push_back(std::move(graph_.nodes[i]));
  graph_.nodes = std::move(kept);
}

Factors factors_of(const Rewriting& graph, const Node& product) {
  Factors factors;
  add_factors(graph, product, factors);
  return factors;
}

Factors factors_of(const Rewriting& graph, const std::string& value) {
  Factors factors;
  add_factors(graph, value, factors);
  return factors;
}

const int64_t* whole_attribute(const Node& node, const std::string& name) { return find<int64_t>(node, name); }

double real_attribute(const Node& node, const std::string& name, double otherwise) {
  const auto* value = find<double>(node, name);
  return value ? *value : otherwise;
}

}  // namespace forge::infer::onnx
