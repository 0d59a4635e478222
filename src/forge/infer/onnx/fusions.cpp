#include "forge/infer/onnx/fusions.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "forge/core/error.hpp"
#include "forge/core/parallel.hpp"
#include "forge/infer/onnx/rewriting.hpp"

namespace forge::infer::onnx {

namespace {

bool is_close(double a, double b) { return std::abs(a - b) <= 1e-4 * std::abs(b); }

Node own(const std::string& op, const Node& last, Texts inputs) {
  return {op, std::string(kOwnDomain), last.name, std::move(inputs), last.outputs};
}

// -- batch normalisation becomes part of the weights before it --

// Copied, since values in a file may start at any byte.
std::optional<std::vector<float>> floats(const HostTensor* tensor, int64_t count) {
  if (!tensor || tensor->dtype != DType::float32 || element_count(tensor->shape) != count) return std::nullopt;
  std::vector<float> values(static_cast<size_t>(count));
  if (count > 0) std::memcpy(values.data(), tensor->values, values.size() * sizeof(float));
  return values;
}

// Filter f of `weights`, (outer, filters, inner), times factors[f], into memory that nobody has touched.
std::shared_ptr<const float[]> scaled(const HostTensor& weights, int64_t outer, int64_t filters,
                                      const std::vector<double>& factors) {
  const auto count = static_cast<size_t>(element_count(weights.shape));
  const size_t inner = count / static_cast<size_t>(outer * filters);
  const std::shared_ptr<float[]> made(new float[count]);
  in_parallel(static_cast<size_t>(filters), [&](size_t f) {
    for (int64_t o = 0; o < outer; ++o) {
      const size_t first = (static_cast<size_t>(o * filters) + f) * inner;
      float* const to = made.get() + first;
      std::memcpy(to, static_cast<const std::byte*>(weights.values) + first * sizeof(float), inner * sizeof(float));
      for (size_t k = 0; k < inner; ++k) to[k] = static_cast<float>(to[k] * factors[f]);
    }
  });
  return made;
}

bool is_training(const Node& node) {
  const int64_t* training = whole_attribute(node, "training_mode");
  return node.outputs.size() != 1 || (training && *training != 0);
}

bool batch_norm(Rewriting& graph, size_t i) {
  const Node* const norm = graph.node(i);
  if (norm->op != "BatchNormalization" || norm->inputs.size() != 5 || is_training(*norm)) return false;
  const Node* conv = graph.maker(norm->inputs[0], "Conv");
  const bool transposed = !conv;
  if (transposed) conv = graph.maker(norm->inputs[0], "ConvTranspose");
  if (!conv || conv->inputs.size() < 2 || !graph.has_one_user(norm->inputs[0])) return false;
  const int64_t* groups = whole_attribute(*conv, "group");
  const HostTensor* const weights = graph.tensor(conv->inputs[1]);
  if (!weights || weights->shape.size() < 3 || (transposed && groups && *groups != 1)) return false;
  const int64_t filters = weights->shape[transposed ? 1 : 0], count = element_count(weights->shape);
  const bool has_bias = conv->inputs.size() > 2 && !conv->inputs[2].empty();
  const auto bias = has_bias ? floats(graph.tensor(conv->inputs[2]), filters) : std::vector<float>(filters);
  std::vector<float> parts[4];
  for (size_t k = 0; k < 4; ++k) {
    auto part = floats(graph.tensor(norm->inputs[k + 1]), filters);
    if (!part) return false;
    parts[k] = std::move(*part);
  }
  if (!bias || count == 0 || weights->dtype != DType::float32) return false;
  const auto& [scale, shift, mean, variance] = parts;
  const double epsilon = real_attribute(*norm, "epsilon", 1e-5);
  std::vector<double> factors;
  const std::shared_ptr<float[]> moved(new float[static_cast<size_t>(filters)]);
  for (int64_t f = 0; f < filters; ++f) {
    factors.push_back(scale[f] / std::sqrt(variance[f] + epsilon));
    moved[f] = static_cast<float>(((*bias)[f] - static_cast<double>(mean[f])) * factors.back() + shift[f]);
  }
  auto values = scaled(*weights, transposed ? weights->shape[0] : 1, filters, factors);
  Node fused = *conv;
  fused.outputs = norm->outputs;
  fused.inputs = {conv->inputs[0], graph.hold(conv->inputs[1] + "/scaled", weights->shape, std::move(values)),
                  graph.hold(conv->inputs[1] + "/moved", {filters}, moved)};
  graph.replace(i, std::move(fused));
  return true;
}

// -- layer normalisation --

// The mean along the last axis of a value, which stays.
std::optional<std::string> mean_of(const Rewriting& graph, const std::string& value) {
  const Node* const mean = graph.maker(value, "ReduceMean");
  if (!mean || mean->inputs.empty()) return std::nullopt;
  const int64_t* keep = whole_attribute(*mean, "keepdims");
  if (keep && *keep == 0) return std::nullopt;
  const auto last = [](int64_t axis, size_t count) { return count == 1 && axis == -1; };
  if (const auto found = mean->attributes.find("axes"); found != mean->attributes.end()) {
    const auto* axes = std::get_if<Ints>(&found->second);
    return axes && !axes->empty() && last(axes->front(), axes->size()) ? std::optional(mean->inputs[0]) : std::nullopt;
  }
  const HostTensor* axes = mean->inputs.size() > 1 ? graph.tensor(mean->inputs[1]) : nullptr;
  const bool fits = axes && axes->dtype == DType::int64 && element_count(axes->shape) == 1 &&
                    last(*static_cast<const int64_t*>(axes->values), 1);
  return fits ? std::optional(mean->inputs[0]) : std::nullopt;
}

// x of x - mean(x).
std::optional<std::string> centred(const Rewriting& graph, const std::string& value) {
  const Node* const apart = graph.maker(value, "Sub");
  if (!apart || apart->inputs.size() != 2) return std::nullopt;
  const auto x = mean_of(graph, apart->inputs[1]);
  return x && *x == apart->inputs[0] ? x : std::nullopt;
}

// x of (x - mean)^2.
std::optional<std::string> squared(const Rewriting& graph, const std::string& value) {
  if (const Node* power = graph.maker(value, "Pow"); power && power->inputs.size() == 2) {
    if (!graph.is_number(power->inputs[1], 2)) return std::nullopt;
    return centred(graph, power->inputs[0]);
  }
  const Node* product = graph.maker(value, "Mul");
  if (!product || product->inputs.size() != 2 || product->inputs[0] != product->inputs[1]) return std::nullopt;
  return centred(graph, product->inputs[0]);
}

struct Sum {
  std::string value;
  const HostTensor* held;
  std::string name;
};
// A value and what the model holds, under an operator that takes them either way round.
std::optional<Sum> with_held(const Rewriting& graph, const Node& node) {
  if (node.inputs.size() != 2) return std::nullopt;
  for (size_t k = 0; k < 2; ++k)
    if (const HostTensor* held = graph.tensor(node.inputs[k]); held && held->shape.size() == 1)
      return Sum{node.inputs[1 - k], held, node.inputs[k]};
  return std::nullopt;
}

bool layer_norm(Rewriting& graph, size_t i) {
  const Node* const last = graph.node(i);
  const auto sum = last->op == "Add" ? with_held(graph, *last) : std::nullopt;
  const Node* const scaled = sum ? graph.maker(sum->value, "Mul") : nullptr;
  const auto product = scaled ? with_held(graph, *scaled) : std::nullopt;
  const Node* const quotient = product ? graph.maker(product->value, "Div") : nullptr;
  if (!quotient || quotient->inputs.size() != 2 || sum->held->shape != product->held->shape) return false;
  const auto x = centred(graph, quotient->inputs[0]);
  const Node* const root = graph.maker(quotient->inputs[1], "Sqrt");
  const Node* const moved = root ? graph.maker(root->inputs[0], "Add") : nullptr;
  if (!x || !moved || moved->inputs.size() != 2) return false;
  for (size_t k = 0; k < 2; ++k) {
    const auto epsilon = graph.number(moved->inputs[k]);
    const auto square = epsilon ? mean_of(graph, moved->inputs[1 - k]) : std::nullopt;
    const auto same = square ? squared(graph, *square) : std::nullopt;
    if (!same || *same != *x) continue;
    Node fused = own("LayerNormalization", *last, {*x, product->name, sum->name});
    fused.attributes.emplace("epsilon", *epsilon);
    graph.replace(i, std::move(fused));
    return true;
  }
  return false;
}

// -- activations that are products of a value with a function of it --

// u of 1 + f(u), where that is a value.
std::optional<std::string> one_more(const Rewriting& graph, const std::string& value, std::string_view op) {
  const Node* const sum = graph.maker(value, "Add");
  if (!sum || sum->inputs.size() != 2) return std::nullopt;
  for (size_t k = 0; k < 2; ++k) {
    const Node* const function = graph.maker(sum->inputs[1 - k], op);
    if (graph.is_number(sum->inputs[k], 1) && function) return function->inputs[0];
  }
  return std::nullopt;
}

// Whether a value is this multiple of another.
bool is_multiple(const Rewriting& graph, const std::string& value, const std::string& of, double number) {
  const Factors factors = factors_of(graph, value);
  return factors.values.size() == 1 && factors.values[0] == of && is_close(factors.number, number);
}

// Whether a value is sqrt(2 / pi) (x + 0.044715 x^3).
bool is_tanh_curve(const Rewriting& graph, const std::string& value, const std::string& x) {
  const Factors outer = factors_of(graph, value);
  const Node* const sum = outer.values.size() == 1 ? graph.maker(outer.values[0], "Add") : nullptr;
  if (!sum || sum->inputs.size() != 2 || !is_close(outer.number, 0.7978845608)) return false;
  for (size_t k = 0; k < 2; ++k) {
    if (sum->inputs[k] != x) continue;
    const Factors cube = factors_of(graph, sum->inputs[1 - k]);
    if (cube.values == Texts{x, x, x} && is_close(cube.number, 0.044715)) return true;
  }
  return false;
}

// The other of two factors where one is the given value's function.
template <class Is>
bool activation(Rewriting& graph, size_t i, const std::string& op, double number, Is is) {
  const Node* const last = graph.node(i);
  if (last->op != "Mul" && last->op != "Div") return false;
  const Factors factors = factors_of(graph, *last);
  if (factors.values.size() != 2 || !is_close(factors.number, number)) return false;
  for (size_t k = 0; k < 2; ++k) {
    const std::string& x = factors.values[k];
    Node fused = own(op, *last, {x});
    if (x.empty() || !is(x, factors.values[1 - k], fused)) continue;
    graph.replace(i, std::move(fused));
    return true;
  }
  return false;
}

bool gelu(Rewriting& graph, size_t i) {
  return activation(graph, i, "Gelu", 0.5, [&](const std::string& x, const std::string& other, Node& fused) {
    if (const auto u = one_more(graph, other, "Erf")) return is_multiple(graph, *u, x, 0.70710678);
    const auto u = one_more(graph, other, "Tanh");
    if (!u || !is_tanh_curve(graph, *u, x)) return false;
    fused.attributes.emplace("approximate", std::string("tanh"));
    return true;
  });
}

bool swish(Rewriting& graph, size_t i) {
  return activation(graph, i, "Swish", 1, [&](const std::string& x, const std::string& other, Node& fused) {
    const Node* const gate = graph.maker(other, "Sigmoid");
    if (!gate) return false;
    const Factors factors = factors_of(graph, gate->inputs[0]);
    if (factors.values != Texts{x}) return false;
    fused.attributes.emplace("alpha", factors.number);
    return true;
  });
}

bool hard_swish(Rewriting& graph, size_t i) {
  const auto by_clip = [&](const std::string& x, const std::string& other, Node&) {
    const Node* const clip = graph.maker(other, "Clip");
    const Node* const sum = clip && !clip->inputs.empty() ? graph.maker(clip->inputs[0], "Add") : nullptr;
    if (!sum || sum->inputs.size() != 2) return false;
    const auto bound = [&](size_t k, const char* name) {
      if (clip->inputs.size() > k) return graph.number(clip->inputs[k]);
      return clip->attributes.contains(name) ? std::optional(real_attribute(*clip, name, 0)) : std::nullopt;
    };
    const auto low = bound(1, "min"), high = bound(2, "max");
    const bool three = (sum->inputs[0] == x && graph.is_number(sum->inputs[1], 3)) ||
                       (sum->inputs[1] == x && graph.is_number(sum->inputs[0], 3));
    return three && low && *low == 0 && high && *high == 6;
  };
  const auto by_gate = [&](const std::string& x, const std::string& other, Node&) {
    const Node* const gate = graph.maker(other, "HardSigmoid");
    return gate && gate->inputs[0] == x && is_close(real_attribute(*gate, "alpha", 0.2), 1.0 / 6) &&
           is_close(real_attribute(*gate, "beta", 0.5), 0.5);
  };
  return activation(graph, i, "HardSwish", 1.0 / 6, by_clip) || activation(graph, i, "HardSwish", 1, by_gate);
}

// -- attention --

// softmax(q k^T scale + mask) v
bool attention(Rewriting& graph, size_t i) {
  const Node* const last = graph.node(i);
  const Node* const weights =
      last->op == "MatMul" && last->inputs.size() == 2 ? graph.maker(last->inputs[0], "Softmax") : nullptr;
  if (!weights || !graph.has_one_user(last->inputs[0]) || weights->inputs.size() != 1) return false;
  const int64_t* axis = whole_attribute(*weights, "axis");
  if (axis ? *axis != -1 : graph.opset() < 13) return false;
  std::string scores = weights->inputs[0], mask;
  if (const Node* sum = graph.maker(scores, "Add"); sum && sum->inputs.size() == 2) {
    if (!graph.has_one_user(scores)) return false;
    const bool first = !graph.maker(sum->inputs[1], "MatMul");
    scores = sum->inputs[first ? 0 : 1], mask = sum->inputs[first ? 1 : 0];
  }
  const Factors scaled = factors_of(graph, scores);
  const Node* const product = scaled.values.size() == 1 ? graph.maker(scaled.values[0], "MatMul") : nullptr;
  if (!product || product->inputs.size() != 2 || !graph.has_one_user(scaled.values[0]) || !graph.has_one_user(scores))
    return false;
  Texts inputs{product->inputs[0], product->inputs[1], last->inputs[1]};
  if (!mask.empty()) inputs.push_back(mask);
  Node fused = own("Attention", *last, std::move(inputs));
  fused.attributes.emplace("scale", scaled.number);
  graph.replace(i, std::move(fused));
  return true;
}

constexpr FusionRow kRows[] = {
    {"batch_norm", "a batch normalisation becomes part of the weights of the convolution before it", batch_norm},
    {"layer_norm", "means, differences and a root become one layer normalisation", layer_norm},
    {"gelu", "erf, tanh and products become one Gelu", gelu},
    {"swish", "a value times its sigmoid becomes one Swish", swish},
    {"hard_swish", "a value times its clipped self becomes one HardSwish", hard_swish},
    {"attention", "two products with a softmax between them become one attention", attention},
    {"epilogues", "bias, residual and activation are computed as products and convolutions are stored", nullptr},
    {"chains", "elementwise operators that follow each other are one kernel", nullptr},
};

void fuse(Graph& graph, int64_t opset, const Fusions& wanted) {
  Rewriting rewriting(graph, opset);
  for (const FusionRow& row : kRows)
    for (size_t i = 0; row.rewrite && wanted.contains(row.name) && i < rewriting.size(); ++i)
      if (rewriting.node(i)) row.rewrite(rewriting, i);
  rewriting.finish();
  for (Node& node : graph.nodes)
    for (auto& [name, attribute] : node.attributes)
      if (graph_of(attribute)) {
        auto inner = std::make_shared<Graph>(*graph_of(attribute));
        fuse(*inner, opset, wanted);
        attribute = std::shared_ptr<const Graph>(std::move(inner));
      }
}

}  // namespace

std::span<const FusionRow> fusion_rows() { return kRows; }

Fusions fusions_named(const std::optional<Texts>& names) {
  Fusions all;
  std::string list;
  for (const FusionRow& row : kRows) {
    all.emplace(row.name);
    list += (list.empty() ? "" : ", ") + std::string(row.name);
  }
  if (!names) return all;
  for (const std::string& name : *names)
    if (!all.contains(name))
      throw Error(ErrorCode::INVALID_ARGUMENT, "there is no such fusion", list, "\"" + name + "\"");
  return {names->begin(), names->end()};
}

void fuse(Model& model, const Fusions& wanted) {
  const auto opset = model.opsets.find("");
  fuse(model.graph, opset == model.opsets.end() ? 1 : opset->second, wanted);
}

}  // namespace forge::infer::onnx
