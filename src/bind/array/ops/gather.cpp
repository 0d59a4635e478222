#include "forge/array/ops/gather.hpp"

#include "bind/array/ops/operands.hpp"
#include "bind/array/put_off.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

template <class T>
struct Word {
  const char* name;
  T value;
};

constexpr Word<array::IndexMode> kModes[] = {
    {"raise", array::IndexMode::raise}, {"clip", array::IndexMode::clip}, {"wrap", array::IndexMode::wrap}};
constexpr Word<array::Scatter> kOps[] = {{"set", array::Scatter::set},
                                         {"add", array::Scatter::add},
                                         {"min", array::Scatter::min},
                                         {"max", array::Scatter::max},
                                         {"mul", array::Scatter::mul}};

template <class T, size_t N>
T word_in(const Word<T> (&words)[N], const std::string& name, const std::string& what) {
  std::string known;
  for (const auto& word : words) {
    if (name == word.name) return word.value;
    known.append(known.empty() ? "" : ", ").append(word.name);
  }
  throw Error(ErrorCode::INVALID_ARGUMENT, what + " is not known", known, "\"" + name + "\"");
}

}  // namespace

void bind_gather(py::module_& module) {
  module.def(
      "gather",
      [](py::handle x, py::handle indices, int64_t axis, const std::string& mode) {
        const array::IndexMode kind = word_in(kModes, mode, "mode");
        Operands operands({x, indices});
        const array::Array in = operands.take(x, "x"), at = operands.take(indices, "indices");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::gather(c, in, at, axis, kind); }));
      },
      py::arg("x"), py::arg("indices"), py::kw_only(), py::arg("axis") = 0, py::arg("mode") = "raise",
      R"(Takes entries of an axis by index, as np.take.

Args:
    x: `Array` or C-contiguous ndarray of any dtype with 1 or more axes.
    indices: int32, uint32, int64 or uint64, of any shape; negative ones count from the end.
    axis: The axis that is indexed, from the end where negative.
    mode: "raise": indices are checked on the device first, and the call waits for that; "clip": the nearest end, negative
        ones are 0; "wrap": counted on round the axis.

Returns:
    An `Array` of the dtype of x, with the shape of indices in the axis's place.

Raises:
    RangeError: An index (mode "raise") or the axis lies outside; the message names index and position.
    DtypeError: indices are no integers of 32 or 64 bits.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.array([10, 20, 30], np.int32)
    >>> compute.gather(x, np.array([2, 0, -1])).tolist()
    [30, 10, 30]
)");
  module.def(
      "scatter",
      [](py::object target, py::handle indices, py::handle values, int64_t axis, const std::string& op,
         const std::string& mode) {
        const array::IndexMode kind = word_in(kModes, mode, "mode");
        const array::Scatter operation = word_in(kOps, op, "op");
        if (!py::isinstance<PyArray>(target))
          throw Error(ErrorCode::BAD_TYPE, "the target of scatter is no Array", "a vulkan_forge.Array",
                      std::string(py::str(py::type::of(target))),
                      "make one: vf.asarray(x), or vf.from_host(x) in place");
        Operands operands({target, indices, values});
        const array::Array to = operands.take(target, "target"), at = operands.take(indices, "indices"),
                           from = operands.take(values, "values");
        compute_readers(to.bytes());
        operands.run([&](vk::Commands& c) {
          array::scatter(c, to, at, from, axis, operation, kind);
          return 0;
        });
        return target;
      },
      py::arg("target"), py::arg("indices"), py::arg("values"), py::kw_only(), py::arg("axis") = 0,
      py::arg("op") = "set", py::arg("mode") = "raise", R"(Puts values into an axis of an array by index, in place.

Args:
    target: A writable `Array` with 1 or more axes.
    indices: int32, uint32, int64 or uint64, of any shape; negative ones count from the end.
    values: Of the dtype of target: an array of the shape that `gather` would give, or one element for all places.
    axis: The axis that is indexed, from the end where negative.
    op: "set": where several values meet one of them stays, whichever; "add", "mul", "min", "max": all count (as
        np.add.at), floats in no fixed order; for 32-bit numbers, and 64-bit ones where the device has such atomics.
    mode: As for `gather`; with "raise" nothing is written where an index lies outside.

Returns:
    target.

Raises:
    RangeError: An index (mode "raise") or the axis lies outside.
    ReadOnlyError: target may not be written.
    ShapeError, DtypeError: values or indices do not fit.
    UnsupportedError: The device has no atomics for the dtype.

Example:
    >>> import numpy as np
    >>> import vulkan_forge as vf
    >>> from vulkan_forge import compute
    >>> target = vf.asarray(np.zeros(3, np.int32))
    >>> compute.scatter(target, np.array([0, 2, 0]), np.array([1, 2, 3], np.int32), op="add").tolist()
    [4, 0, 2]
)");
}

}  // namespace forge::bind
