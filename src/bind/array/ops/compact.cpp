#include "forge/array/ops/compact.hpp"

#include "bind/array/ops/operands.hpp"

namespace py = pybind11;

namespace forge::bind {

void bind_compact(py::module_& module) {
  module.def(
      "compact",
      [](py::handle x, py::handle mask) {
        Operands operands({x, mask});
        const array::Array in = operands.take(x, "x"), set = operands.take(mask, "mask");
        return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return array::compact(c, in, set); }));
      },
      py::arg("x"), py::arg("mask"), R"(The elements whose mask is set, in order: x[mask].

Args:
    x: `Array` or C-contiguous ndarray of any dtype.
    mask: bool or any other dtype (not zero: set), of the shape of x, or with one axis as long as the first of x.

Returns:
    An `Array` with one axis, or with the mask's axis shortened. The call waits until the device has counted.

Raises:
    ShapeError: The mask does not fit x.
    UnsupportedError: The device lacks one of the dtypes (bool needs 8-bit storage; use uint32 there).

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.array([5, 6, 7, 8], np.int32)
    >>> compute.compact(x, np.array([1, 0, 0, 1], np.uint32)).tolist()
    [5, 8]
)");
  module.def(
      "nonzero",
      [](py::handle x) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return array::nonzero(c, in); }));
      },
      py::arg("x"), R"(Positions of the elements that are not zero, in the flattened array, as np.flatnonzero.

Args:
    x: `Array` or C-contiguous ndarray of any dtype.

Returns:
    An int64 `Array` with one axis. The call waits until the device has counted.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.nonzero(np.array([0, 3, 0, 1], np.int32)).tolist()
    [1, 3]
)");
}

}  // namespace forge::bind
