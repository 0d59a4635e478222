#include "bind/array/ops/operands.hpp"
#include "forge/array/ops/transpose.hpp"

namespace py = pybind11;

namespace forge::bind {

void bind_moves(py::module_& module) {
  module.def(
      "transpose",
      [](py::handle x) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return array::transpose(c, in); }));
      },
      py::arg("x"), R"(A contiguous copy with the last two axes swapped.

Args:
    x: `Array` or C-contiguous ndarray of any dtype with 2 or more axes; leading axes are a batch.

Returns:
    An `Array` of the same dtype.

Raises:
    ShapeError: x has fewer than 2 axes.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.transpose(np.arange(6, dtype=np.int32).reshape(2, 3)).tolist()
    [[0, 3], [1, 4], [2, 5]]
)");
}

}  // namespace forge::bind
