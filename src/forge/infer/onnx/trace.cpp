#include "forge/infer/onnx/trace.hpp"

#include <algorithm>
#include <utility>

#include "forge/array/fuse/node.hpp"
#include "forge/core/error.hpp"

namespace forge::infer::onnx {

const Array& Constants::weight(const std::shared_ptr<vk::Device>& device, const HostTensor& tensor) {
  auto found = weights.find(&tensor);
  if (found == weights.end())
    found = weights
                .emplace(&tensor, Array::from_values(device, tensor.dtype, tensor.shape,
                                                     contiguous_strides(tensor.shape, size_of(tensor.dtype)),
                                                     tensor.values, "onnx weights"))
                .first;
  return found->second;
}

Trace::Held::Held(Tensor tensor) : tensor_(std::move(tensor)) { ++tensor_->value.node()->handles; }
Trace::Held::Held(Held&& other) noexcept : tensor_(std::exchange(other.tensor_, std::nullopt)) {}
Trace::Held& Trace::Held::operator=(Held&& other) noexcept {
  std::swap(tensor_, other.tensor_);
  return *this;
}
Trace::Held::~Held() {
  if (tensor_) --tensor_->value.node()->handles;
}

Trace::Trace(const Model& model, const Stream& now, const Stream& later, Constants& constants, const Fusions& fusions)
    : model_(model),
      now_(now),
      later_(later),
      constants_(constants),
      chains_(fusions.contains("chains")),
      epilogues_(fusions.contains("epilogues")) {}

Tensor Trace::weight(const HostTensor& tensor) {
  return {Lazy(constants_.weight(now_.device(), tensor)), Known::always};
}

const Tensor* Trace::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return &found->second.tensor();
  return nullptr;
}

std::vector<Tensor> Trace::run(Values inputs) { return run(model_.graph, std::move(inputs)); }

std::vector<Tensor> Trace::run(const Graph& graph, Values inputs) {
  struct Leave {
    std::vector<Scope>& scopes;
    ~Leave() { scopes.pop_back(); }
  };
  scopes_.emplace_back();
  const Leave leave{scopes_};
  const size_t depth = scopes_.size() - 1;
  for (auto& [name, tensor] : inputs) scopes_[depth].insert_or_assign(name, Held(std::move(tensor)));
  inputs.clear();
  for (const auto& [name, tensor] : graph.initializers)
    if (!scopes_[depth].contains(name)) scopes_[depth].insert_or_assign(name, Held(weight(tensor)));
  for (const Node& node : graph.nodes) step(node, scopes_[depth]);
  std::vector<Tensor> outputs;
  for (const Port& port : graph.outputs) {
    const Tensor* found = find(port.name);
    if (!found)
      throw Error(ErrorCode::INVALID_ARGUMENT, "an output of the graph was not computed", "a value",
                  "\"" + port.name + "\"");
    outputs.push_back(*found);
  }
  return outputs;
}

namespace {

bool is_product(const Node& node) {
  return node.op == "MatMul" || node.op == "Gemm" || node.op == "Conv" || node.op == "ConvTranspose";
}

}  // namespace

// Runs nested graphs as well, which may move the vector of scopes: `scope` is looked up again by its depth.
void Trace::step(const Node& node, Scope& scope) {
  const size_t depth = static_cast<size_t>(&scope - scopes_.data());
  std::vector<std::optional<Tensor>> inputs;
  for (const std::string& name : node.inputs) {
    const Tensor* found = name.empty() ? nullptr : find(name);
    inputs.push_back(found ? std::optional(*found) : std::nullopt);
  }
  const bool has_graphs = onnx::has_graphs(node);
  if (!has_graphs)  // what is needed for the last time may become part of a kernel
    for (const std::string& name : node.last) scope.erase(name);
  std::vector<std::optional<Tensor>> outputs = compute(node, std::move(inputs));
  Scope& own = scopes_[depth];
  if (has_graphs)
    for (const std::string& name : node.last) own.erase(name);
  for (size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
    const std::string& name = node.outputs[i];
    const bool is_last = std::find(node.last.begin(), node.last.end(), name) != node.last.end();
    if (!name.empty() && outputs[i] && !is_last) own.insert_or_assign(name, Held(std::move(*outputs[i])));
  }
}

std::vector<std::optional<Tensor>> Trace::compute(const Node& node, std::vector<std::optional<Tensor>> inputs) {
  if (const auto found = constants_.folded.find(&node); found != constants_.folded.end()) return found->second;
  const auto opset = model_.opsets.find(node.domain);
  const int64_t version = opset == model_.opsets.end() ? 1 : opset->second;
  const OperatorRow* row = find_operator(node.domain, node.op, version);
  FORGE_ASSERT(row);
  Call call(*this, node, version, std::move(inputs));
  try {
    std::vector<std::optional<Tensor>> outputs = std::move(row->compute(call).values());
    bool always = true;
    // Graphs see more than a node's inputs, and what is drawn depends on none.
    const Known least = has_graphs(node) || row->draws ? Known::no : call.known();
    // And what chose a branch or ended a loop is not in what they give: constants of a branch are this plan's alone.
    const bool decides = has_graphs(node) && (node.op != "If" || call.known() != Known::always);
    const Known most = decides ? Known::shapes : Known::always;
    for (auto& output : outputs) {
      if (!output) continue;
      output->known = std::min(std::max(output->known, least), most);
      const bool ends = !chains_ || (!epilogues_ && is_product(node));
      if (output->known != Known::no || ends) output->value = Lazy(call.stream_of(output->known).array(output->value));
      always = always && output->known == Known::always;
    }
    if (always && !has_graphs(node)) constants_.folded.emplace(&node, outputs);
    return outputs;
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(node.op)) throw;
    Error about(error.code(), node.text() + ": " + error.what());
    // NOLINTBEGIN(bugprone-use-after-move): with() gives the error itself
    for (const auto& [key, value] : error.details()) (void)std::move(about).with(key, value);
    throw std::move(about).with("node", node.name).with("operator", node.op);
    // NOLINTEND(bugprone-use-after-move)
  }
}

}  // namespace forge::infer::onnx
