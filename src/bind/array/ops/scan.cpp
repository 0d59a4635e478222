#include "forge/array/ops/scan.hpp"

#include "bind/array/ops/operands.hpp"

namespace py = pybind11;

namespace forge::bind {

using array::Operation;

void bind_scan(py::module_& module) {
  module.def(
      "scan",
      [](py::handle x, const std::string& op, int64_t axis, bool exclusive, bool reverse) {
        const Operation operation =
            array::operation_of(op, {Operation::sum, Operation::prod, Operation::min, Operation::max}, "scan");
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::scan(c, in, operation, axis, {exclusive, reverse}); }));
      },
      py::arg("x"), py::arg("op") = "sum", py::kw_only(), py::arg("axis") = -1, py::arg("exclusive") = false,
      py::arg("reverse") = false,
      R"(Running sum, product, smallest or largest along an axis.

Args:
    x: `Array` or C-contiguous ndarray of any dtype the device can hold, with 1 or more axes.
    op: "sum", "prod", "min" or "max".
    axis: The axis to go along, from the end where negative.
    exclusive: Leave an element's own value out: the first result is 0, 1, or the dtype's highest or lowest value.
    reverse: Start at the end of the axis.

Returns:
    An `Array` of the shape of x and the dtype of NumPy's cumsum and cumprod: int64 or uint64 for sums and products of
    integers and bool, else that of x. NaN wins in "min" and "max". Floats are added in another order than NumPy's,
    with a smaller error; float16 in float32.

Raises:
    RangeError: The axis lies outside of x.
    DtypeError: The op has no meaning for complex numbers.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.array([3, 1, 4, 1], np.int32)
    >>> compute.scan(x).tolist()
    [3, 4, 8, 9]
    >>> compute.scan(x, "max", exclusive=True, reverse=True).tolist()
    [4, 4, 1, -2147483648]
)");
}

}  // namespace forge::bind
