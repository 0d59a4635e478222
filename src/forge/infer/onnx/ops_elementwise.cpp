#include <algorithm>
#include <array>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/trace.hpp"

// Operators of single elements, all lazily: chains of them become one kernel.
namespace forge::infer::onnx {

namespace {

template <Elementwise row>
Outputs unary(Call& n) {
  return array::cast(op(row, n[0]), n[0].dtype());
}

template <Elementwise row>
Outputs asks(Call& n) {
  return op(row, n[0]);
}

// Before opset 7 the second operand was lined up with an axis of the first where `broadcast` said so.
Lazy second(Call& n) {
  if (n.opset() >= 7 || n.whole("broadcast", 0) == 0 || !n.has_attribute("axis")) return n[1];
  const size_t axis = n.axis("axis", 0, n.shape(0).size());
  Dims shape = n.shape(1);
  while (shape.size() + axis < n.shape(0).size()) shape.push_back(1);
  return reshaped(n.dense(1), shape);
}

// A weight of one element beside values that a run gives is a number: kernels and endings of products then differ in their
// parameters alone.
Lazy as_number(const Call& n, size_t i, const Lazy& value) {
  const size_t other = 1 - i;
  // In a recording, where kernels are shared: elsewhere each run would bring the number back again.
  const bool is_single = n.trace().later().records() && n.tensor(i).known == Known::always &&
                         value.dtype() == DType::float32 && element_count(value.shape()) == 1 &&
                         value.shape().size() <= n.shape(other).size();
  return is_single && n.tensor(other).known == Known::no ? like(value, n.number(i)) : value;
}

template <Elementwise row>
Outputs binary(Call& n) {
  return op(row, as_number(n, 0, n[0]), as_number(n, 1, second(n)));
}

template <Elementwise row>
Outputs variadic(Call& n) {
  Lazy value = n[0];
  for (size_t i = 1; i < n.size(); ++i) value = op(row, value, n[i]);
  return value;
}

// Whole numbers are divided towards zero.
Outputs divide(Call& n) {
  const Lazy a = as_number(n, 0, n[0]), b = as_number(n, 1, second(n));
  const char kind = dtype_row(a.dtype()).kind;
  if (kind == 'f') return a / b;
  const Lazy below = op(Elementwise::floor_divide, a, b);
  if (kind == 'u') return below;
  const Lazy rest = a - below * b;
  const Lazy apart =
      op(Elementwise::not_equal, op(Elementwise::less, a, like(a, 0)), op(Elementwise::less, b, like(b, 0)));
  const Lazy up = op(Elementwise::logical_and, apart, op(Elementwise::not_equal, rest, like(rest, 0)));
  return below + array::cast(up, a.dtype());
}

// fmod=1: the sign of the dividend; else that of the divisor.
Outputs modulo(Call& n) {
  if (n.whole("fmod", 0) == 0) return op(Elementwise::remainder, n[0], n[1]);
  const Lazy size = op(Elementwise::remainder, op(Elementwise::abs, n[0]), op(Elementwise::abs, n[1]));
  return where(op(Elementwise::less, n[0], like(n[0], 0)), op(Elementwise::negative, size), size);
}

Outputs power(Call& n) {
  const Lazy a = n[0], b = second(n);
  if (a.dtype() == b.dtype()) return op(Elementwise::pow, a, b);
  const DType wide = is_float(a.dtype())   ? a.dtype()
                     : is_float(b.dtype()) ? b.dtype()
                                           : array::promote(a.dtype(), b.dtype());
  return array::cast(op(Elementwise::pow, array::cast(a, wide), array::cast(b, wide)), a.dtype());
}

Outputs average(Call& n) {
  Lazy sum = n[0];
  for (size_t i = 1; i < n.size(); ++i) sum = sum + n[i];
  return sum / static_cast<double>(n.size());
}

Outputs cast_to(Call& n) { return array::cast(n[0], dtype_of_number(n, n.whole("to", 0))); }
// Before opset 6 the dtype was ONNX' word for it.
Outputs cast_by_name(Call& n) {
  constexpr std::array<std::string_view, 17> kWords{
      "UNDEFINED", "FLOAT",   "UINT8",  "INT8",   "UINT16", "INT16",     "INT32",      "INT64",   "STRING",
      "BOOL",      "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};
  const auto found = std::find(kWords.begin(), kWords.end(), n.text("to", ""));
  return array::cast(n[0], dtype_of_number(n, found - kWords.begin()));
}
Outputs cast_like(Call& n) { return array::cast(n[0], n[1].dtype()); }

// Bounds are attributes before opset 11; a missing one is none.
Outputs clip_by_attributes(Call& n) {
  Lazy value = n[0];
  if (n.has_attribute("min")) value = op(Elementwise::maximum, value, like(value, n.real("min", 0)));
  if (n.has_attribute("max")) value = op(Elementwise::minimum, value, like(value, n.real("max", 0)));
  return value;
}
Lazy bound(Call& n, size_t i) { return n.tensor(i).known == Known::no ? n[i] : like(n[0], n.number(i)); }
Outputs clip(Call& n) {
  Lazy value = n[0];
  const bool whole =
      n[0].dtype() == DType::int64 || n[0].dtype() == DType::uint64;  // numbers of 64 bits are no doubles
  if (n.has(1)) value = op(Elementwise::maximum, value, whole ? n[1] : bound(n, 1));
  if (n.has(2)) value = op(Elementwise::minimum, value, whole ? n[2] : bound(n, 2));
  return value;
}

Outputs is_infinite(Call& n) {
  const bool below = n.whole("detect_negative", 1) != 0, above = n.whole("detect_positive", 1) != 0;
  const Lazy infinite = op(Elementwise::isinf, n[0]), negative = op(Elementwise::less, n[0], like(n[0], 0));
  if (below && above) return infinite;
  if (!below && !above) return op(Elementwise::logical_and, infinite, Lazy::number(int64_t{0}, DType::bool_));
  return op(Elementwise::logical_and, infinite, below ? negative : op(Elementwise::logical_not, negative));
}

Outputs shift(Call& n) {
  const bool left = n.text("direction", "") == "LEFT";
  return op(left ? Elementwise::bitwise_left_shift : Elementwise::bitwise_right_shift, n[0], n[1]);
}

Outputs choose(Call& n) { return where(n[0], n[1], n[2]); }
Outputs error_function(Call& n) { return erf(n[0]); }

using E = Elementwise;
constexpr OperatorRow kRows[] = {
    {"Abs", 1, unary<E::abs>},
    {"Acos", 7, unary<E::acos>},
    {"Acosh", 9, unary<E::acosh>},
    {"Add", 1, binary<E::add>},
    {"And", 1, binary<E::logical_and>},
    {"Asin", 7, unary<E::asin>},
    {"Asinh", 9, unary<E::asinh>},
    {"Atan", 7, unary<E::atan>},
    {"Atanh", 9, unary<E::atanh>},
    {"BitShift", 11, shift},
    {"BitwiseAnd", 18, binary<E::bitwise_and>},
    {"BitwiseNot", 18, unary<E::bitwise_invert>},
    {"BitwiseOr", 18, binary<E::bitwise_or>},
    {"BitwiseXor", 18, binary<E::bitwise_xor>},
    {"Cast", 1, cast_by_name},
    {"Cast", 6, cast_to},
    {"CastLike", 15, cast_like},
    {"Ceil", 1, unary<E::ceil>},
    {"Clip", 1, clip_by_attributes},
    {"Clip", 11, clip},
    {"Cos", 7, unary<E::cos>},
    {"Cosh", 9, unary<E::cosh>},
    {"Div", 1, divide},
    {"Equal", 1, binary<E::equal>},
    {"Erf", 9, error_function},
    {"Exp", 1, unary<E::exp>},
    {"Floor", 1, unary<E::floor>},
    {"Greater", 1, binary<E::greater>},
    {"GreaterOrEqual", 12, binary<E::greater_equal>},
    {"IsInf", 10, is_infinite},
    {"IsNaN", 9, asks<E::isnan>},
    {"Less", 1, binary<E::less>},
    {"LessOrEqual", 12, binary<E::less_equal>},
    {"Log", 1, unary<E::log>},
    {"Max", 1, variadic<E::maximum>},
    {"Mean", 1, average},
    {"Min", 1, variadic<E::minimum>},
    {"Mod", 10, modulo},
    {"Mul", 1, binary<E::multiply>},
    {"Neg", 1, unary<E::negative>},
    {"Not", 1, unary<E::logical_not>},
    {"Or", 1, binary<E::logical_or>},
    {"Pow", 1, power},
    {"Reciprocal", 1, unary<E::reciprocal>},
    {"Round", 11, unary<E::round>},
    {"Sign", 9, unary<E::sign>},
    {"Sin", 7, unary<E::sin>},
    {"Sinh", 9, unary<E::sinh>},
    {"Sqrt", 1, unary<E::sqrt>},
    {"Sub", 1, binary<E::subtract>},
    {"Sum", 1, variadic<E::add>},
    {"Tan", 7, unary<E::tan>},
    {"Where", 9, choose},
    {"Xor", 1, binary<E::logical_xor>},
};

}  // namespace

std::span<const OperatorRow> elementwise_ops() { return kRows; }

}  // namespace forge::infer::onnx
