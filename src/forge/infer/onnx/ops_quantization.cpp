#include <algorithm>

#include "forge/array/ops/matmul.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Quantised values of 8 and 16 bits.
namespace forge::infer::onnx {

namespace {

struct Limits {
  double low, high;
};
Limits limits_of(const Call& n, DType dtype) {
  switch (dtype) {
    case DType::int8: return {-128, 127};
    case DType::uint8: return {0, 255};
    case DType::int16: return {-32768, 32767};
    case DType::uint16: return {0, 65535};
    default: n.unsupported("quantising to " + std::string(name_of(dtype)), "use int8, uint8, int16 or uint16");
  }
}

// Scales and zero points along an axis, or in blocks of it, as values that broadcast to the input's shape.
Lazy spread(Call& n, size_t i, const Dims& shape, size_t axis) {
  const Dims& given = n.shape(i);
  if (element_count(given) == 1 && given.size() <= 1) return reshaped(n.dense(i), {});
  const int64_t block = n.whole("block_size", 0);
  if (given.size() == 1 && block == 0) {
    Dims along;
    for (size_t k = 0; k < shape.size(); ++k) along.push_back(k == axis ? given[0] : 1);
    return reshaped(n.dense(i), along);
  }
  if (block < 1 || given.size() != shape.size() || axis + 6 > kMaxDims)
    n.refuse("scales do not fit", "one, one for each entry of the axis, or blocks of it", to_string(given));
  Dims split, full;
  for (size_t k = 0; k < given.size(); ++k) {
    split.push_back(given[k]), full.push_back(given[k]);
    if (k == axis) split.push_back(1), full.push_back(block);
  }
  Dims whole = given;
  whole[axis] *= block;
  const Array repeated = n.stream().dense(array::broadcast_to(reshaped(n.dense(i), split), full));
  return strided(reshaped(repeated, whole), axis, 0, shape[axis]);
}

size_t axis_of(Call& n, size_t axes) {
  if (axes == 0) return 0;
  const int64_t axis = n.whole("axis", 1);
  return axes == 1 && axis == 1 ? 0 : n.axis(axis, axes);
}

Lazy rounded(const Lazy& x, Limits limits, DType dtype) {
  const Lazy low = op(Elementwise::maximum, x, like(x, limits.low));
  return array::cast(op(Elementwise::minimum, low, like(low, limits.high)), dtype);
}

Outputs quantize(Call& n) {
  const size_t axis = axis_of(n, n.shape(0).size());
  DType dtype = n.has(2) ? n[2].dtype() : DType::uint8;
  if (!n.has(2) && n.whole("output_dtype", 0) != 0) dtype = dtype_of_number(n, n.whole("output_dtype", 0));
  const Lazy x = array::cast(n[0], DType::float32);
  Lazy value = op(Elementwise::round, x / array::cast(spread(n, 1, n.shape(0), axis), DType::float32));
  if (n.has(2)) value = value + array::cast(spread(n, 2, n.shape(0), axis), DType::float32);
  return rounded(value, limits_of(n, dtype), dtype);
}

Outputs dequantize(Call& n) {
  const size_t axis = axis_of(n, n.shape(0).size());
  Lazy value = array::cast(n[0], DType::int32);
  if (n.has(2)) value = value - array::cast(spread(n, 2, n.shape(0), axis), DType::int32);
  const Lazy scaled = array::cast(value, DType::float32) * array::cast(spread(n, 1, n.shape(0), axis), DType::float32);
  return array::cast(scaled, n[1].dtype());
}

Outputs quantize_dynamically(Call& n) {
  Ints axes;
  for (size_t i = 0; i < n.shape(0).size(); ++i) axes.push_back(static_cast<int64_t>(i));
  const auto extreme = [&](Reduce how) { return Lazy(reshaped(n.stream().dense(reduced(n, n[0], how, axes)), {})); };
  const Lazy low = op(Elementwise::minimum, extreme(Reduce::min), like(n[0], 0));
  const Lazy high = op(Elementwise::maximum, extreme(Reduce::max), like(n[0], 0));
  const Lazy span = high - low;  // of nothing but zeros: any scale does, and onnxruntime's is 1
  const Lazy scale = where(op(Elementwise::equal, span, like(span, 0)), like(span, 1), span / 255.0);
  const Lazy zero = rounded(op(Elementwise::round, 0.0 - low / scale), {0, 255}, DType::uint8);
  const Lazy value = op(Elementwise::round, n[0] / scale) + array::cast(zero, DType::float32);
  return {rounded(value, {0, 255}, DType::uint8), scale, zero};
}

Lazy multiplied(Call& n, const Lazy& a, const Lazy& b) {
  const Array left = n.stream().dense(a), right = n.stream().dense(b);
  return n.stream().run([&](vk::Commands& commands) { return array::matmul(commands, left, right); });
}

// A zero point of a side: one, or one for each row of the left (column of the right).
Lazy zero_of(Call& n, size_t i, bool left) {
  Lazy whole = array::cast(n[i], DType::int32);
  if (n.shape(i).size() != 1 || n.shape(i)[0] == 1 || !left) return whole;
  return array::cast(reshaped(n.dense(i), {n.shape(i)[0], 1}), DType::int32);
}

Outputs matmul_integer(Call& n) {
  Lazy a = array::cast(n[0], DType::int32), b = array::cast(n[1], DType::int32);
  if (n.has(2)) a = a - zero_of(n, 2, true);
  if (n.has(3)) b = b - zero_of(n, 3, false);
  return multiplied(n, a, b);
}

Outputs matmul_quantized(Call& n) {  // a, scale, zero, b, scale, zero, y scale, y zero
  const Lazy a = array::cast(n[0], DType::int32) - zero_of(n, 2, true);
  const Lazy b = array::cast(n[3], DType::int32) - zero_of(n, 5, false);
  const auto scale_of = [&](size_t i, bool left) {
    Lazy scale = array::cast(n[i], DType::float32);
    if (n.shape(i).size() != 1 || n.shape(i)[0] == 1 || !left) return scale;
    return array::cast(reshaped(n.dense(i), {n.shape(i)[0], 1}), DType::float32);
  };
  const Lazy scale = scale_of(1, true) * scale_of(4, false) / scale_of(6, true);
  const Lazy value = op(Elementwise::round, array::cast(multiplied(n, a, b), DType::float32) * scale);
  return rounded(value + array::cast(n[7], DType::float32), limits_of(n, n[7].dtype()), n[7].dtype());
}

constexpr OperatorRow kRows[] = {
    {"DequantizeLinear", 10, dequantize},  {"DynamicQuantizeLinear", 11, quantize_dynamically},
    {"MatMulInteger", 10, matmul_integer}, {"QLinearMatMul", 10, matmul_quantized},
    {"QuantizeLinear", 10, quantize},
};

}  // namespace

std::span<const OperatorRow> quantization_ops() { return kRows; }

}  // namespace forge::infer::onnx
