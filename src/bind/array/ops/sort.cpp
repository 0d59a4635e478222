#include "forge/array/ops/sort.hpp"

#include "bind/array/ops/operands.hpp"

namespace py = pybind11;

namespace forge::bind {

void bind_sort(py::module_& module) {
  module.def(
      "sort",
      [](py::handle x, bool descending) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return array::sort(c, in, descending); }));
      },
      py::arg("x"), py::kw_only(), py::arg("descending") = false,
      R"(Sorts along the last axis: a stable radix sort, every row for itself.

Args:
    x: `Array` or C-contiguous ndarray of bool, integers or real floats that the device can hold.
    descending: Largest first. NaN comes last in both orders; -0.0 and 0.0 are equal and stay in order.

Returns:
    An `Array` of the shape and dtype of x.

Raises:
    DtypeError: x is complex.
    LimitError: A row has 4 GiB or more.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.sort(np.array([3.0, -1.0, 2.0], np.float32)).tolist()
    [-1.0, 2.0, 3.0]
)");
  module.def(
      "argsort",
      [](py::handle x, bool descending) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::argsort(c, in, descending); }));
      },
      py::arg("x"), py::kw_only(), py::arg("descending") = false,
      R"(The order that sorts along the last axis, stable: np.argsort(x, kind="stable").

Args:
    x: As for `sort`.
    descending: Largest first; equal elements keep their order.

Returns:
    An int64 `Array` of the shape of x.

Raises:
    DtypeError, LimitError, UnsupportedError: As for `sort`.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.argsort(np.array([3, 1, 2, 1], np.int32)).tolist()
    [1, 3, 2, 0]
)");
  module.def(
      "sort_pairs",
      [](py::handle keys, py::handle values, bool descending) {
        Operands operands({keys, values});
        const array::Array k = operands.take(keys, "keys"), v = operands.take(values, "values");
        array::SortedPairs sorted =
            operands.run([&](vk::Commands& c) { return array::sort_pairs(c, k, v, descending); });
        return py::make_tuple(std::make_unique<PyArray>(std::move(sorted.keys)),
                              std::make_unique<PyArray>(std::move(sorted.values)));
      },
      py::arg("keys"), py::arg("values"), py::kw_only(), py::arg("descending") = false,
      R"(Sorts keys along the last axis and moves values with them, stable.

Args:
    keys: As x of `sort`.
    values: `Array` or C-contiguous ndarray of any dtype and of the shape of keys.
    descending: Largest key first.

Returns:
    Two `Array`: the sorted keys, and the values in their order.

Raises:
    ShapeError: keys and values differ in shape.
    DtypeError, LimitError, UnsupportedError: As for `sort`.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> keys, values = compute.sort_pairs(np.array([2, 1], np.uint32), np.array([0.5, 1.5], np.float32))
    >>> keys.tolist(), values.tolist()
    ([1, 2], [1.5, 0.5])
)");
}

}  // namespace forge::bind
