#include <algorithm>
#include <cmath>
#include <limits>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/trace.hpp"

// Values out of nothing but numbers and shapes.
namespace forge::infer::onnx {

namespace {

Outputs constant(Call& n) {
  const auto& attributes = n.node().attributes;
  if (attributes.contains("value")) return n.trace().weight(n.host_tensor("value"));
  if (attributes.contains("sparse_value")) return n.trace().weight(n.host_tensor("sparse_value"));
  if (attributes.contains("value_int")) return host_array(n, Ints{n.whole("value_int", 0)}, {});
  if (attributes.contains("value_float")) return host_array(n, Reals{n.real("value_float", 0)}, {}, DType::float32);
  if (attributes.contains("value_ints")) {
    const Ints values = n.ints("value_ints");
    return host_array(n, values, {static_cast<int64_t>(values.size())});
  }
  if (attributes.contains("value_floats")) {
    const Reals values = n.reals("value_floats");
    return host_array(n, values, {static_cast<int64_t>(values.size())}, DType::float32);
  }
  n.unsupported("a constant of text", "load the model with fallback=\"host\"");
}

Dims shape_in(Call& n, const Ints& extents) {
  for (const int64_t extent : extents)
    if (extent < 0) n.refuse("a shape has a negative extent", "0 or more", std::to_string(extent));
  return dims_of(extents);
}

Outputs constant_of_shape(Call& n) {
  const Dims shape = shape_in(n, n.ints(0));
  Array value = host_array(n, Reals{0}, {}, DType::float32);
  if (n.has_attribute("value")) {
    const HostTensor& given = n.host_tensor("value");
    if (element_count(given.shape) != 1) n.refuse("value is one number", "one element", to_string(given.shape));
    value = Array::from_values(n.device(), given.dtype, {}, {}, given.values);
  }
  const bool known = n.known() != Known::no;
  const Lazy filled = array::broadcast_to(value, shape);
  return known ? Outputs(n.stream().array(array::copy(filled))) : Outputs(filled);
}

// From start to limit, which may lie further apart than their dtype's largest number.
uint64_t steps_between(int64_t start, int64_t limit, int64_t delta) {
  if (delta > 0 ? start >= limit : start <= limit) return 0;
  const auto from = static_cast<uint64_t>(start), to = static_cast<uint64_t>(limit),
             step = static_cast<uint64_t>(delta);
  return delta > 0 ? (to - from - 1) / step + 1 : (from - to - 1) / (0 - step) + 1;
}

Outputs whole_range(Call& n) {
  const int64_t start = n.whole(0), limit = n.whole(1), delta = n.whole(2);
  if (delta == 0) n.refuse("a step of 0 goes nowhere", "another step", "0");
  const uint64_t steps = steps_between(start, limit, delta);
  check_count(n, static_cast<double>(steps));
  Ints values;
  for (uint64_t i = 0; i < steps; ++i) values.push_back(start + static_cast<int64_t>(i) * delta);
  return Tensor{host_array(n, values, {static_cast<int64_t>(steps)}, n[0].dtype()), Known::shapes};
}

Outputs range(Call& n) {
  if (!is_float(n[0].dtype())) return whole_range(n);
  const double start = n.number(0), limit = n.number(1), delta = n.number(2);
  if (delta == 0) n.refuse("a step of 0 goes nowhere", "another step", "0");
  const double wanted = std::max(std::ceil((limit - start) / delta), 0.0);
  check_count(n, wanted);
  const auto count = static_cast<int64_t>(wanted);
  Reals values;
  for (int64_t i = 0; i < count; ++i) values.push_back(start + static_cast<double>(i) * delta);
  return Tensor{host_array(n, values, {count}, n[0].dtype()), Known::shapes};
}

// Indices of int32: those beyond it lie outside of the depth as well.
Lazy short_indices(const Lazy& indices, int64_t depth) {
  const DType dtype = indices.dtype();
  Lazy inside = indices;
  if (is_float(dtype) || size_of(dtype) == 8 || dtype == DType::uint32)
    inside = op(Elementwise::minimum, inside, like(inside, static_cast<double>(depth)));
  if (is_float(dtype) || dtype == DType::int64)
    inside = op(Elementwise::maximum, inside, like(inside, -static_cast<double>(depth) - 1));
  return array::cast(inside, DType::int32);
}

Outputs one_hot(Call& n) {
  const int64_t depth = n.whole(1);
  check_count(n, static_cast<double>(depth));
  const size_t axes = n.shape(0).size() + 1, axis = n.axis("axis", -1, axes);
  Dims shape;
  for (size_t i = 0, from = 0; i < axes; ++i) shape.push_back(i == axis ? 1 : n.shape(0)[from++]);
  const Lazy indices = short_indices(reshaped(n.dense(0), shape), depth);
  const Lazy counted =
      where(op(Elementwise::less, indices, like(indices, 0)), indices + static_cast<double>(depth), indices);
  const Array values = n.dense(2);
  if (values.size() != 2) n.refuse("values are two numbers", "(off, on)", to_string(values.shape()));
  const Array off = reshaped(strided(values, 0, 0, 1), {}), on = reshaped(strided(values, 0, 1, 1), {});
  return where(op(Elementwise::equal, counted, counting(n, depth, axis, axes, DType::int32)), on, off);
}

Outputs eye_like(Call& n) {
  const Dims& shape = n.shape(0);
  if (shape.size() != 2) n.refuse("a matrix has two axes", "two", to_string(shape));
  const DType dtype = n.has_attribute("dtype") ? dtype_of_number(n, n.whole("dtype", 1)) : n[0].dtype();
  const Lazy row = counting(n, shape[0], 0, 2, DType::int32), column = counting(n, shape[1], 1, 2, DType::int32);
  return array::cast(op(Elementwise::equal, row + static_cast<double>(n.whole("k", 0)), column), dtype);
}

Outputs trilu(Call& n) {
  const Dims& shape = n.shape(0);
  const size_t axes = shape.size();
  if (axes < 2) n.refuse("a matrix has two axes", "two or more", to_string(shape));
  const auto k = static_cast<double>(n.has(1) ? n.whole(1) : 0);
  const Lazy row = counting(n, shape[axes - 2], axes - 2, axes, DType::int32);
  const Lazy column = counting(n, shape[axes - 1], axes - 1, axes, DType::int32);
  const bool upper = n.whole("upper", 1) != 0;
  const Lazy keep =
      op(upper ? Elementwise::greater_equal : Elementwise::less_equal, column - row, Lazy::number(k, DType::int32));
  return where(keep, n[0], like(n[0], 0));
}

constexpr OperatorRow kRows[] = {
    {"Constant", 1, constant}, {"ConstantOfShape", 9, constant_of_shape},
    {"EyeLike", 9, eye_like},  {"OneHot", 9, one_hot},
    {"Range", 11, range},      {"Trilu", 14, trilu},
};

}  // namespace

std::span<const OperatorRow> making_ops() { return kRows; }

}  // namespace forge::infer::onnx
