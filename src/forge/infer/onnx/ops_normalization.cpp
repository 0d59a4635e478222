#include "forge/core/error.hpp"
#include "forge/infer/onnx/fusions.hpp"
#include "forge/infer/onnx/operators.hpp"

// Normalisations: scales and shifts of known values are computed once; the rest joins the kernel before it.
namespace forge::infer::onnx {

namespace {

Array per_channel(Call& n, size_t i, size_t axes) {
  Dims shape{element_count(n.shape(i))};
  for (size_t k = 2; k < axes; ++k) shape.push_back(1);
  return reshaped(n.dense(i), shape);
}

// x, scale, bias, mean, variance
Outputs batch_normalization(Call& n) {
  if (n.whole("training_mode", 0) != 0 || (n.opset() < 7 && n.whole("is_test", 0) == 0 && n.node().outputs.size() > 1))
    n.unsupported("training", "export the model for inference");
  const size_t axes = n.shape(0).size();
  const DType dtype = n[0].dtype(), wide = dtype == DType::float64 ? dtype : DType::float32;
  const auto channel = [&](size_t i) { return array::cast(per_channel(n, i, axes), wide); };
  const Lazy root = op(Elementwise::sqrt, channel(4) + n.real("epsilon", 1e-5));
  const Lazy scale = n.folded(channel(1) / root, {1, 4});
  const Lazy shift = n.folded(channel(2) - channel(3) * scale, {1, 2, 3, 4});
  return array::cast(array::cast(n[0], wide) * scale + shift, dtype);
}

Ints axes_from(size_t first, size_t axes) {
  Ints list;
  for (size_t i = first; i < axes; ++i) list.push_back(static_cast<int64_t>(i));
  return list;
}

struct Normal {
  Lazy value, mean, inverse;
};

// (x - mean) / deviation along the last axis of rows.
Normal normal_rows(Call& n, const Lazy& rows, double epsilon) {
  const Lazy centre = mean(n, rows, {1});
  const Lazy apart = rows - centre;
  const Lazy inverse = op(Elementwise::reciprocal, op(Elementwise::sqrt, mean(n, apart * apart, {1}) + epsilon));
  return {apart * inverse, centre, inverse};
}

DType wide_of(DType dtype) { return is_short_float(dtype) ? DType::float32 : dtype; }

Array as_rows(Call& n, size_t first) {
  int64_t rows = 1, columns = 1;
  const Dims& shape = n.shape(0);
  for (size_t i = 0; i < shape.size(); ++i) (i < first ? rows : columns) *= shape[i];
  return reshaped(n.stream().dense(array::cast(n[0], wide_of(n[0].dtype()))), {rows, columns});
}

Outputs instance_normalization(Call& n) {
  const size_t axes = n.shape(0).size();
  if (axes < 3) n.refuse("instances have places", "(N, C, places...)", to_string(n.shape(0)));
  const Normal normal = normal_rows(n, as_rows(n, 2), n.real("epsilon", 1e-5));
  const Array value = reshaped(n.stream().dense(normal.value), n.shape(0));
  return array::cast(Lazy(value) * per_channel(n, 1, axes) + per_channel(n, 2, axes), n[0].dtype());
}

Outputs layer_normalization(Call& n) {
  const Dims& shape = n.shape(0);
  const size_t axes = shape.size(), axis = n.axis("axis", -1, axes);
  const Normal normal = normal_rows(n, as_rows(n, axis), n.real("epsilon", 1e-5));
  int64_t columns = 1;
  Dims outer;
  for (size_t i = 0; i < axes; ++i) {
    if (i >= axis) columns *= shape[i];
    outer.push_back(i < axis ? shape[i] : 1);
  }
  const DType wide = wide_of(n[0].dtype());
  const auto row = [&](size_t i) {
    const Lazy full = array::cast(n[i], wide);
    if (element_count(n.shape(i)) == columns)
      return Lazy(reshaped(n.stream_of(n.tensor(i).known).dense(full), {columns}));
    Dims inner;
    for (size_t k = axis; k < axes; ++k) inner.push_back(shape[k]);
    return Lazy(reshaped(n.stream().dense(array::broadcast_to(full, inner)), {columns}));
  };
  Lazy value = normal.value * row(1);
  if (n.has(2)) value = value + row(2);
  Outputs outputs(Lazy(reshaped(n.stream().dense(array::cast(value, n[0].dtype())), shape)));
  if (n.wants(1)) outputs.add(reshaped(n.stream().dense(normal.mean), outer));
  if (n.wants(2)) {
    if (!n.wants(1)) outputs.add(reshaped(n.stream().dense(normal.mean), outer));
    outputs.add(reshaped(n.stream().dense(normal.inverse), outer));
  }
  return outputs;
}

Outputs rms_normalization(Call& n) {
  const size_t axes = n.shape(0).size();
  const Ints along = axes_from(n.axis("axis", -1, axes), axes);
  const Lazy x = array::cast(n[0], wide_of(n[0].dtype()));
  const Lazy size = op(Elementwise::sqrt, mean(n, x * x, along) + n.real("epsilon", 1e-5));
  return array::cast(x / size, n[0].dtype()) * n[1];
}

Outputs group_normalization(Call& n) {
  const Dims& shape = n.shape(0);
  const int64_t groups = n.whole("num_groups", 1);
  if (shape.size() < 3 || groups < 1 || shape[1] % groups != 0)
    n.refuse("the channels do not make groups", "(N, C, places...), C a multiple of " + std::to_string(groups),
             to_string(shape));
  const Array x = n.stream().dense(array::cast(n[0], wide_of(n[0].dtype())));
  const Array rows = reshaped(x, {shape[0] * groups, x.size() / std::max<int64_t>(shape[0] * groups, 1)});
  const Array value = reshaped(n.stream().dense(normal_rows(n, rows, n.real("epsilon", 1e-5)).value), shape);
  const auto channel = [&](size_t i) {
    Dims each{shape[1]};
    for (size_t k = 2; k < shape.size(); ++k) each.push_back(1);
    const Array given = n.dense(i);
    if (given.size() == shape[1]) return Lazy(reshaped(given, each));
    const Array spread =
        n.stream().dense(array::broadcast_to(reshaped(given, {groups, 1}), {groups, shape[1] / groups}));
    return Lazy(reshaped(spread, each));
  };
  return array::cast(Lazy(value) * channel(1) + channel(2), n[0].dtype());
}

Outputs lp_normalization(Call& n) {
  const Ints along{static_cast<int64_t>(n.axis("axis", -1, n.shape(0).size()))};
  const bool square = n.whole("p", 2) == 2;
  const Lazy sum = reduced(n, square ? n[0] * n[0] : op(Elementwise::abs, n[0]), Reduce::sum, along);
  const Lazy size = square ? op(Elementwise::sqrt, sum) : sum;
  return where(op(Elementwise::equal, size, like(size, 0)), like(n[0], 0), n[0] / size);
}

Outputs mean_variance_normalization(Call& n) {
  const size_t axes = n.shape(0).size();
  Ints along;
  for (const int64_t axis : n.ints("axes", {0, 2, 3})) along.push_back(static_cast<int64_t>(n.axis(axis, axes)));
  const Lazy apart = n[0] - mean(n, n[0], along);
  return apart / (op(Elementwise::sqrt, mean(n, apart * apart, along)) + 1e-9);
}

constexpr OperatorRow kRows[] = {
    {"BatchNormalization", 1, batch_normalization},
    {"GroupNormalization", 18, group_normalization},
    {"InstanceNormalization", 1, instance_normalization},
    {"LayerNormalization", 17, layer_normalization},
    {"LpNormalization", 1, lp_normalization},
    {"MeanVarianceNormalization", 9, mean_variance_normalization},
    {"RMSNormalization", 23, rms_normalization},
    {"LayerNormalization", 1, layer_normalization, kOwnDomain},
};

}  // namespace

std::span<const OperatorRow> normalization_ops() { return kRows; }

}  // namespace forge::infer::onnx
