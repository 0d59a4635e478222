#include "forge/array/ops/reduce.hpp"

#include "bind/array/ops/operands.hpp"
#include "bind/ndarray.hpp"
#include "bind/whole.hpp"
#include "forge/array/fuse/reductions.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::Operation;

int64_t whole(py::handle axis) {
  if (const auto number = to_whole(axis)) return *number;
  throw Error(ErrorCode::BAD_TYPE, "axis is no axis", "an int, a tuple of int, or None", describe_value(axis));
}

std::optional<Dims> axes_of(py::handle axis, Operation op) {
  if (axis.is_none()) return std::nullopt;
  if (!py::isinstance<py::tuple>(axis)) return Dims{whole(axis)};
  if (array::is_indexed(op))
    throw Error(ErrorCode::BAD_TYPE, "argmin and argmax go along one axis", "an int or None", "a tuple",
                "make several axes one: x.reshape(...)");
  Dims axes;
  for (const py::handle one : axis) axes.push_back(whole(one));
  return axes;
}

std::optional<array::RowReduction> row_reduction(Operation op) {
  switch (op) {
    case Operation::sum: return array::RowReduction::sum;
    case Operation::prod: return array::RowReduction::prod;
    case Operation::min: return array::RowReduction::min;
    case Operation::max: return array::RowReduction::max;
    default: return std::nullopt;
  }
}

array::Array with_shape(const array::Array& values, const Dims& shape) {
  return values.view(0, shape, contiguous_strides(shape, size_of(values.dtype())));
}

// An expression and its reduction as one kernel, and for all elements a second pass over a value a row.
std::unique_ptr<PyArray> reduce_expression(const PyArray& x, Operation op, const std::optional<Dims>& axes,
                                           bool keepdims) {
  const auto reduces = row_reduction(op);
  if (!reduces) return nullptr;
  const Dims shape = x.shape();
  const size_t last = shape.size() - 1;
  const bool is_last = axes && axes->size() == 1 && ((*axes)[0] == -1 || (*axes)[0] == static_cast<int64_t>(last));
  if (axes && !is_last) return nullptr;
  if (is_last && keepdims) {  // what follows may join it
    const auto rows = array::reduce_rows(*reduces, x.lazy());
    return rows ? std::make_unique<PyArray>(*rows) : nullptr;
  }
  if (!x.pending() || recording()) return nullptr;
  const auto rows = is_last ? array::reduce_rows(*reduces, x.lazy()) : array::reduce_in_rows(*reduces, x.lazy());
  if (!rows) return nullptr;
  const array::Array values = array::evaluate(x.device(), *rows);
  if (is_last) return std::make_unique<PyArray>(with_shape(values, Dims(std::span(shape.begin(), last))));
  const GilRelease nogil;
  vk::Commands commands(x.device());
  const array::Array all = array::reduce(commands, values, op);
  commands.submit();
  Dims kept;
  for (size_t i = 0; keepdims && i < shape.size(); ++i) kept.push_back(1);
  return std::make_unique<PyArray>(with_shape(all, kept));
}

}  // namespace

void bind_reduce(py::module_& module) {
  module.def(
      "reduce",
      [](py::handle x, const std::string& op, py::handle axis, bool keepdims) {
        const Operation operation =
            array::operation_of(op,
                                {Operation::sum, Operation::prod, Operation::min, Operation::max, Operation::any,
                                 Operation::all, Operation::argmin, Operation::argmax},
                                "reduce");
        const std::optional<Dims> axes = axes_of(axis, operation);
        if (py::isinstance<PyArray>(x))
          if (auto fused = reduce_expression(x.cast<const PyArray&>(), operation, axes, keepdims)) return fused;
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::reduce(c, in, operation, axes, keepdims); }));
      },
      py::arg("x"), py::arg("op") = "sum", py::kw_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false,
      R"(Reduces one axis, several, or the whole array, to a value each.

Args:
    x: `Array` or C-contiguous ndarray of any dtype the device can hold.
    op: "sum", "prod", "min", "max", "any", "all", "argmin" or "argmax".
    axis: The axis that goes, from the end where negative, or a tuple of several; None: all of them. "argmin" and "argmax"
        take one, or None.
    keepdims: Leave an extent of 1 where each axis was.

Returns:
    An `Array` of NumPy's dtype: int64 or uint64 for sums and products of integers and bool, bool for "any" and "all", int64
    for "argmin" and "argmax" (flat where axis is None), else that of x. NaN wins in "min", "max" and the arg forms. Sums of
    floats are added in blocks, float16 in float32; complex takes "sum", "prod", "any" and "all".

Raises:
    RangeError: An axis lies outside of x.
    InputError: An axis is named twice.
    ShapeError: No element to take "min", "max", "argmin" or "argmax" of.
    DtypeError: The op has no meaning for complex numbers.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.arange(6, dtype=np.float32).reshape(2, 3)
    >>> compute.reduce(x, "max", axis=0).tolist()
    [3.0, 4.0, 5.0]
    >>> compute.reduce(x).tolist()
    15.0
    >>> compute.reduce(x.reshape(1, 2, 3), axis=(0, -1)).tolist()
    [3.0, 12.0]
)");
}

}  // namespace forge::bind
