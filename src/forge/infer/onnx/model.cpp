#include "forge/infer/onnx/model.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

namespace forge::infer::onnx {

std::string Node::text() const { return op + (name.empty() ? "" : " \"" + name + "\""); }

namespace {

[[noreturn]] void malformed(const std::string& failed, const std::string& expected, const std::string& got) {
  throw Error(ErrorCode::INVALID_ARGUMENT, failed, expected, got, "check the model with onnx.checker.check_model");
}

using Names = std::set<std::string>;

}  // namespace

const Graph* graph_of(const Attribute& attribute) {
  const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&attribute);
  return graph ? graph->get() : nullptr;
}

bool has_graphs(const Node& node) {
  return std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& a) { return graph_of(a.second); });
}

namespace {

// What a node needs: its inputs, and what its graphs take from outside of themselves.
void add_needs(const Node& node, Names& needs) {
  for (const std::string& input : node.inputs)
    if (!input.empty()) needs.insert(input);
  for (const auto& [name, attribute] : node.attributes) {
    const Graph* graph = graph_of(attribute);
    if (!graph) continue;
    Names inside, own;
    for (const Port& port : graph->inputs) own.insert(port.name);
    for (const auto& [value, tensor] : graph->initializers) own.insert(value);
    for (const Node& inner : graph->nodes) {
      add_needs(inner, inside);
      own.insert(inner.outputs.begin(), inner.outputs.end());
    }
    for (const Port& port : graph->outputs) inside.insert(port.name);
    for (const std::string& value : inside)
      if (!own.contains(value)) needs.insert(value);
  }
}

class Ordering {
 public:
  Ordering(Graph& graph, const Names& outer) : graph_(graph), known_(outer) {
    for (const auto& [name, tensor] : graph.initializers) known_.insert(name);
    for (const Port& port : graph.inputs) known_.insert(port.name);
  }

  Names run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      for (const std::string& output : graph_.nodes[i].outputs) note(output, i);
    state_.assign(graph_.nodes.size(), State::waiting);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) visit(i);
    std::vector<Node> sorted;
    for (const size_t i : order_) sorted.push_back(std::move(graph_.nodes[i]));
    graph_.nodes = std::move(sorted);
    for (const Port& port : graph_.outputs)
      if (!known_.contains(port.name) && !maker_.contains(port.name))
        malformed("the graph gives a value that nobody makes", "an input, an initializer or a node's output",
                  "\"" + port.name + "\"");
    find_last_uses();
    for (const auto& [name, i] : maker_) known_.insert(name);
    return known_;
  }

 private:
  enum class State : unsigned char { waiting, open, done };

  void note(const std::string& output, size_t node) {
    if (output.empty()) return;
    if (!maker_.emplace(output, node).second)
      malformed("a value is made twice", "one node for each value", "\"" + output + "\"");
  }

  // Depth first without recursion: models are thousands of nodes deep.
  void visit(size_t first) {
    if (state_[first] == State::done) return;
    std::vector<std::pair<size_t, std::vector<size_t>>> stack;
    open(first, stack);
    while (!stack.empty()) {
      auto& [node, before] = stack.back();
      if (before.empty()) {
        state_[node] = State::done;
        order_.push_back(node);
        stack.pop_back();
        continue;
      }
      const size_t next = before.back();
      before.pop_back();
      if (state_[next] == State::done) continue;
      if (state_[next] == State::open)
        malformed("the graph goes round in a circle", "nodes that do not need their own results",
                  graph_.nodes[next].text());
      open(next, stack);
    }
  }

  void open(size_t node, std::vector<std::pair<size_t, std::vector<size_t>>>& stack) {
    state_[node] = State::open;
    Names needs;
    add_needs(graph_.nodes[node], needs);
    std::vector<size_t> before;
    for (const std::string& value : needs) {
      if (const auto found = maker_.find(value); found != maker_.end())
        before.push_back(found->second);
      else if (!known_.contains(value))
        malformed(graph_.nodes[node].text() + " needs a value that nobody makes",
                  "an input, an initializer or a node's output", "\"" + value + "\"");
    }
    std::sort(before.rbegin(), before.rend());
    stack.emplace_back(node, std::move(before));
  }

  void find_last_uses() {
    Names seen;
    for (const Port& port : graph_.outputs) seen.insert(port.name);
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      Node& node = graph_.nodes[i];
      Names needs;
      add_needs(node, needs);
      needs.insert(node.outputs.begin(), node.outputs.end());
      node.last.clear();
      for (const std::string& value : needs)
        if (!value.empty() && seen.insert(value).second && maker_.contains(value)) node.last.push_back(value);
    }
  }

  Graph& graph_;
  Names known_;
  std::map<std::string, size_t> maker_;
  std::vector<State> state_;
  std::vector<size_t> order_;
};

void order(Graph& graph, const Names& outer) {
  const Names known = Ordering(graph, outer).run();
  for (Node& node : graph.nodes)
    for (auto& [name, attribute] : node.attributes)
      if (graph_of(attribute)) {
        auto inner = std::make_shared<Graph>(*graph_of(attribute));
        order(*inner, known);
        attribute = std::shared_ptr<const Graph>(std::move(inner));
      }
}

void find_unsupported(const Graph& graph, const Model& model, std::set<std::string>& found) {
  for (const Node& node : graph.nodes) {
    const auto opset = model.opsets.find(node.domain);
    const int64_t version = opset == model.opsets.end() ? 1 : opset->second;
    if (!find_operator(node.domain, node.op, version))
      found.insert((node.domain.empty() ? "" : node.domain + ".") + node.op + " of opset " + std::to_string(version) +
                   " (node \"" + node.name + "\")");
    for (const auto& [name, attribute] : node.attributes)
      if (const Graph* inner = graph_of(attribute)) find_unsupported(*inner, model, found);
  }
}

}  // namespace

Texts unsupported(const Model& model) {
  std::set<std::string> found;
  find_unsupported(model.graph, model, found);
  return {found.begin(), found.end()};
}

void check(Model& model) {
  if (const Texts missing = unsupported(model); !missing.empty()) {
    std::string list;
    for (size_t i = 0; i < missing.size() && i < 8; ++i) list += (i ? ", " : "") + missing[i];
    if (missing.size() > 8) list += " and " + std::to_string(missing.size() - 8) + " more";
    throw Error(ErrorCode::MISSING_FEATURE, "the model has operators that are not supported",
                "operators of docs/onnx.md", list,
                "export with another opset, replace them, or run these nodes elsewhere");
  }
  order(model.graph, {});
}

}  // namespace forge::infer::onnx
