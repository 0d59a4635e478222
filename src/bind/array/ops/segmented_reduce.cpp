#include "forge/array/ops/segmented_reduce.hpp"

#include "bind/array/ops/operands.hpp"

namespace py = pybind11;

namespace forge::bind {

using array::Operation;

void bind_segmented_reduce(py::module_& module) {
  module.def(
      "segmented_reduce",
      [](py::handle x, py::handle offsets, const std::string& op) {
        const Operation operation = array::operation_of(
            op, {Operation::sum, Operation::prod, Operation::min, Operation::max, Operation::any, Operation::all},
            "segmented_reduce");
        Operands operands({x, offsets});
        const array::Array in = operands.take(x, "x"), cuts = operands.take(offsets, "offsets");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::segmented_reduce(c, in, cuts, operation); }));
      },
      py::arg("x"), py::arg("offsets"), py::arg("op") = "sum",
      R"(Reduces the segments of an array, each to a value: segment i goes from offsets[i] to offsets[i + 1].

Args:
    x: `Array` or C-contiguous ndarray with one axis, of any dtype the device can hold.
    offsets: int32, uint32, int64 or uint64, one more than there are segments, never falling (as indptr of a CSR matrix).
    op: "sum", "prod", "min", "max", "any" or "all".

Returns:
    An `Array` with a value for each segment, of the dtype that `reduce` gives. An empty segment gives 0, 1, or the dtype's
    highest or lowest value. The call waits until the device has checked the offsets.

Raises:
    RangeError: An offset lies beyond x or after the next one; the message names value and position.
    ShapeError, DtypeError: x or offsets do not fit.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.array([1, 2, 3, 4], np.float32)
    >>> compute.segmented_reduce(x, np.array([0, 1, 1, 4])).tolist()
    [1.0, 0.0, 9.0]
)");
}

}  // namespace forge::bind
