#include "forge/infer/onnx/fusions.hpp"
#include "forge/infer/onnx/operators.hpp"

// Activations: single elements but for the softmax family.
namespace forge::infer::onnx {

namespace {

Lazy positive(const Lazy& x) { return op(Elementwise::maximum, x, like(x, 0)); }
Lazy is_below(const Lazy& x, double bound) { return op(Elementwise::less, x, like(x, bound)); }
Lazy clamped(const Lazy& x, double low, double high) {
  return op(Elementwise::minimum, op(Elementwise::maximum, x, like(x, low)), like(x, high));
}
Lazy exponential(const Lazy& x, double alpha) { return op(Elementwise::expm1, x) * alpha; }
Lazy softplus(const Lazy& x) { return op(Elementwise::logaddexp, x, like(x, 0)); }

Outputs relu(Call& n) { return positive(n[0]); }
Outputs sigmoid_of(Call& n) { return sigmoid(n[0]); }
Outputs tanh_of(Call& n) { return op(Elementwise::tanh, n[0]); }
Outputs leaky_relu(Call& n) { return where(is_below(n[0], 0), n[0] * n.real("alpha", 0.01), n[0]); }
Outputs thresholded_relu(Call& n) {
  return where(op(Elementwise::greater, n[0], like(n[0], n.real("alpha", 1))), n[0], like(n[0], 0));
}
// Before opset 7 slopes stood for channels.
Outputs prelu_of_channels(Call& n) {
  Dims slopes{element_count(n.shape(1))};
  for (size_t i = 2; i < n.shape(0).size(); ++i) slopes.push_back(1);
  return where(is_below(n[0], 0), n[0] * Lazy(reshaped(n.dense(1), slopes)), n[0]);
}
Outputs prelu(Call& n) { return where(is_below(n[0], 0), n[0] * n[1], n[0]); }
Outputs elu(Call& n) { return where(is_below(n[0], 0), exponential(n[0], n.real("alpha", 1)), n[0]); }
Outputs celu(Call& n) {
  const double alpha = n.real("alpha", 1);
  const Lazy below = exponential(n[0] / alpha, alpha);
  return positive(n[0]) + op(Elementwise::minimum, below, like(below, 0));
}
Outputs selu(Call& n) {
  const double alpha = n.real("alpha", 1.67326319217681884765625), gamma = n.real("gamma", 1.05070102214813232421875);
  return where(is_below(n[0], 0), exponential(n[0], alpha), n[0]) * gamma;
}
Outputs hard_sigmoid(Call& n) { return clamped(n[0] * n.real("alpha", 0.2) + n.real("beta", 0.5), 0, 1); }
Outputs hard_swish(Call& n) { return n[0] * clamped(n[0] * (1.0 / 6) + 0.5, 0, 1); }
Outputs swish(Call& n) { return n[0] * sigmoid(n[0] * n.real("alpha", 1)); }
Outputs softplus_of(Call& n) { return softplus(n[0]); }
Outputs softsign(Call& n) { return n[0] / (op(Elementwise::abs, n[0]) + 1); }
Outputs mish(Call& n) { return n[0] * op(Elementwise::tanh, softplus(n[0])); }
Outputs shrink(Call& n) {
  const double lambda = n.real("lambd", 0.5), bias = n.real("bias", 0);
  const Lazy zero = like(n[0], 0);
  const Lazy above = where(op(Elementwise::greater, n[0], like(n[0], lambda)), n[0] - bias, zero);
  return where(is_below(n[0], -lambda), n[0] + bias, above);
}
Outputs gelu(Call& n) {
  const Lazy& x = n[0];
  if (n.text("approximate", "none") == "tanh") {
    const Lazy inner = (x + x * x * x * 0.044715) * 0.7978845608028654;
    return x * 0.5 * (op(Elementwise::tanh, inner) + 1);
  }
  return x * 0.5 * (erf(x * 0.7071067811865476) + 1);
}

// Until opset 13 all axes from `axis` on were one.
template <class Along>
Outputs over_flat(Call& n, Along along) {
  const size_t axes = n.shape(0).size();
  const int64_t wanted = n.whole("axis", 1);
  const size_t axis = wanted == static_cast<int64_t>(axes) ? axes : n.axis(wanted, axes);
  int64_t rows = 1, columns = 1;
  for (size_t i = 0; i < axes; ++i) (i < axis ? rows : columns) *= n.shape(0)[i];
  if (axis + 1 == axes) return along(n[0], axis);
  const Lazy flat = along(Lazy(reshaped(n.dense(0), {rows, columns})), size_t{1});
  return reshaped(n.stream().dense(flat), n.shape(0));
}
template <bool logarithm>
Outputs softmax_flat(Call& n) {
  return over_flat(n, [&](const Lazy& x, size_t axis) { return softmax(n, x, axis, logarithm); });
}
template <bool logarithm>
Outputs softmax_of(Call& n) {
  if (n.shape(0).empty()) n.refuse("a number has no axis", "one axis or more", "()");
  return softmax(n, n[0], n.axis("axis", -1, n.shape(0).size()), logarithm);
}

// One where the largest of an axis stands first, else zero.
Lazy hardmax(Call& n, const Lazy& x, size_t axis) {
  const size_t axes = x.shape().size();
  const int64_t count = x.shape()[axis];
  const Ints along{static_cast<int64_t>(axis)};
  const Lazy highest = op(Elementwise::equal, x, reduced(n, x, Reduce::max, along));
  const Lazy places = counting(n, count, axis, axes, DType::int32);
  const Lazy candidates = where(highest, places, like(places, static_cast<double>(count)));
  return array::cast(op(Elementwise::equal, places, reduced(n, candidates, Reduce::min, along)), x.dtype());
}
Outputs hardmax_flat(Call& n) {
  return over_flat(n, [&](const Lazy& x, size_t axis) { return hardmax(n, x, axis); });
}
Outputs hardmax_of(Call& n) { return hardmax(n, n[0], n.axis("axis", -1, n.shape(0).size())); }

constexpr OperatorRow kRows[] = {
    {"Celu", 12, celu},
    {"Elu", 1, elu},
    {"Gelu", 20, gelu},
    {"HardSigmoid", 1, hard_sigmoid},
    {"HardSwish", 14, hard_swish},
    {"Hardmax", 1, hardmax_flat},
    {"Hardmax", 13, hardmax_of},
    {"LeakyRelu", 1, leaky_relu},
    {"LogSoftmax", 1, softmax_flat<true>},
    {"LogSoftmax", 13, softmax_of<true>},
    {"Mish", 18, mish},
    {"PRelu", 1, prelu_of_channels},
    {"PRelu", 7, prelu},
    {"Relu", 1, relu},
    {"Selu", 1, selu},
    {"Shrink", 9, shrink},
    {"Sigmoid", 1, sigmoid_of},
    {"Softmax", 1, softmax_flat<false>},
    {"Softmax", 13, softmax_of<false>},
    {"Softplus", 1, softplus_of},
    {"Softsign", 1, softsign},
    {"Swish", 24, swish},
    {"Tanh", 1, tanh_of},
    {"ThresholdedRelu", 10, thresholded_relu},
    {"Gelu", 1, gelu, kOwnDomain},
    {"HardSwish", 1, hard_swish, kOwnDomain},
    {"Swish", 1, swish, kOwnDomain},
};

}  // namespace

std::span<const OperatorRow> activation_ops() { return kRows; }

}  // namespace forge::infer::onnx
