#include "forge/array/ops/matmul.hpp"

#include "bind/array/ops/operands.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

std::optional<DType> optional_dtype(const py::object& dtype) {
  if (dtype.is_none()) return std::nullopt;
  return to_dtype(dtype);
}

}  // namespace

void bind_matmul(py::module_& module) {
  module.def(
      "matmul",
      [](py::handle a, py::handle b, bool transpose_a, bool transpose_b, const py::object& out_dtype) {
        Operands operands({a, b});
        const array::Array left = operands.take(a, "a", true), right = operands.take(b, "b", true);
        const array::MatmulOptions options{transpose_a, transpose_b, optional_dtype(out_dtype)};
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::matmul(c, left, right, options); }));
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("transpose_a") = false, py::arg("transpose_b") = false,
      py::arg("out_dtype") = py::none(), R"(The matrix product of NumPy's `a @ b`, on the device.

Args:
    a: `Array` or ndarray of shape (..., M, K) or (K,), of any strides. Leading axes are a stack and broadcast.
    b: The same, of shape (..., K, N) or (K,).
    transpose_a: Take a as (..., K, M).
    transpose_b: Take b as (..., N, K).
    out_dtype: The dtype to store; None for the default below. Products of floats may be stored as any float that is no
        wider than what they are summed in.

Returns:
    An `Array` of shape (..., M, N); a vector's axis is left out, as in NumPy.

Sums and defaults: float16 and float32, mixed too, are summed in float32 and give float32 (two float16 give float16);
float64 with any float gives float64; two of int8 and uint8 are summed in int32 and give int32; two int32, uint32, int64 or
uint64 that are alike give the same and wrap. Sums run in an order that is fixed for a device, a shape and a tuning.

Raises:
    ShapeError: The shapes do not fit or broadcast.
    DtypeError: These dtypes have no product, or cannot be stored as out_dtype.
    LayoutError: An array does not lie at a multiple of its element size.
    LimitError: A matrix has 2^31 elements or more.
    UnsupportedError: The device lacks float64, 64-bit integers, or (to store it) 16-bit storage.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> a = np.arange(6, dtype=np.float32).reshape(2, 3)
    >>> compute.matmul(a, a, transpose_b=True).tolist()
    [[5.0, 14.0], [14.0, 50.0]]
)");
}

}  // namespace forge::bind
