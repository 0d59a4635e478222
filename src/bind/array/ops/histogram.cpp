#include "forge/array/ops/histogram.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cmath>

#include "bind/array/ops/operands.hpp"
#include "bind/errors.hpp"
#include "bind/ndarray.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

py::object numpy() { return py::module_::import("numpy"); }

py::object scalar_of(const array::Array& one) {
  py::array value(numpy_dtype(one.dtype()), std::vector<py::ssize_t>{});
  one.copy_to(value.mutable_data());
  return value[py::make_tuple()];
}

// The range of a call without one: that of the values, which the device finds.
py::object range_of(const Operands& operands, const array::Array& in) {
  if (in.size() == 0) return py::make_tuple(0.0, 1.0);
  const array::Span span = operands.run([&](vk::Commands& c) { return array::span_of(c, in); });
  return py::make_tuple(scalar_of(span.low), scalar_of(span.high));
}

// Equal bins: their edges, and the ends of their range as they were before NumPy made edges of them.
struct EvenBins {
  py::object edges, limits;
};

// NumPy itself says where the edges of equal bins lie.
EvenBins even_bins(const Operands& operands, const array::Array& in, py::handle bins, py::handle range) {
  const char kind = dtype_row(in.dtype()).kind;
  if (kind == 'c')
    throw Error(ErrorCode::BAD_DTYPE, "histogram does not take this dtype", "integers or real floats",
                std::string(name_of(in.dtype())));
  const DType dtype = kind == 'b' ? DType::uint8 : in.dtype();
  const py::object none = numpy().attr("empty")(0, numpy_dtype(dtype));
  const py::object limits = range.is_none() ? range_of(operands, in) : py::reinterpret_borrow<py::object>(range);
  try {
    return {numpy().attr("histogram_bin_edges")(none, bins, limits), limits};
  } catch (const py::error_already_set& error) {
    throw Error(ErrorCode::INVALID_ARGUMENT, "bins or range of a histogram cannot work",
                "a positive count of bins, and a finite range that rises", std::string(py::str(error.value())));
  }
}

// The caller's own, in their own dtype.
py::object given_edges(py::handle bins) {
  py::object edges;
  try {
    edges = numpy().attr("asarray")(bins);
  } catch (const py::error_already_set& error) {
    throw_as(ErrorCode::INVALID_ARGUMENT, error, "bins of a histogram cannot work", "a count, or a row of edges");
  }
  const auto kind = edges.attr("dtype").attr("kind").cast<std::string>();
  if (edges.attr("ndim").cast<int>() != 1)
    throw Error(ErrorCode::BAD_SHAPE, "bins is neither a count nor a row of edges", "an int or one axis",
                std::string(py::str(edges.attr("shape"))));
  if (kind.find_first_of("biuf") == std::string::npos)
    throw Error(ErrorCode::BAD_TYPE, "bins is neither a count nor a row of edges", "an int or numbers",
                describe_value(bins), "np.histogram_bin_edges(x, \"auto\") gives edges by a rule");
  return edges;
}

std::vector<double> doubles_of(const py::object& edges) {
  return edges.attr("astype")("float64").attr("tolist")().cast<std::vector<double>>();
}

// A Python int; nothing for what is none.
py::object to_int(const py::object& number) {
  auto whole = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
  if (!whole) PyErr_Clear();
  return whole;
}

// Edges of equal bins are floats: beyond 2^53 the outermost are not the limits, and the smallest and the largest integer
// would lie outside of them. NumPy keeps what lies within the limits themselves.
array::Edges to_edges(const EvenBins& bins, DType dtype) {
  array::Edges list{doubles_of(bins.edges), {}, true};
  const char kind = dtype_row(dtype).kind;
  const py::list ends(bins.limits);
  if ((kind != 'i' && kind != 'u') || ends.size() != 2) return list;
  const py::object low = to_int(ends[0]), high = to_int(ends[1]);
  if (!low || !high) return list;
  for (size_t i = 0; i < list.at.size(); ++i) {
    const double at = list.at[i];
    const auto near = py::reinterpret_steal<py::object>(PyLong_FromDouble(at));
    const bool before = i == 0 || near < low, behind = i + 1 == list.at.size() || near > high;
    const bool rounded = std::abs(at) >= 0x1p53 && std::abs(at) <= 0x1p64;  // and within reach of an integer dtype
    list.rest.push_back(rounded ? ((before ? low : behind ? high : near) - near).cast<int>() : 0);
  }
  return list;
}

array::Edges to_edges(const py::object& edges) {
  array::Edges list{doubles_of(edges), {}, false};
  const auto kind = edges.attr("dtype").attr("kind").cast<std::string>();
  if (kind == "f" || kind == "b") return list;
  const py::list whole = edges.attr("tolist")();
  for (size_t i = 0; i < list.at.size(); ++i) {
    const auto near = py::reinterpret_steal<py::object>(PyLong_FromDouble(list.at[i]));
    list.rest.push_back((py::object(whole[i]) - near).cast<int>());
  }
  return list;
}

}  // namespace

void bind_histogram(py::module_& module) {
  module.def(
      "histogram",
      [](py::handle x, py::handle bins, py::handle range) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        const bool even = !py::hasattr(bins, "__len__");
        const EvenBins equal = even ? even_bins(operands, in, bins, range) : EvenBins{};
        const py::object edges = even ? equal.edges : given_edges(bins);
        const array::Edges list = even ? to_edges(equal, in.dtype()) : to_edges(edges);
        array::Array counts = operands.run([&](vk::Commands& c) { return array::histogram(c, in, list); });
        return py::make_tuple(std::make_unique<PyArray>(std::move(counts)), edges);
      },
      py::arg("x"), py::kw_only(), py::arg("bins") = 10, py::arg("range") = py::none(),
      R"(Counts elements by bin, as np.histogram: the same counts.

Args:
    x: `Array` or C-contiguous ndarray of integers or real floats that the device can hold, of any shape.
    bins: How many bins of equal width, or their edges, rising.
    range: (low, high) of equal bins; None: from the smallest to the largest element, for which the call waits.

Returns:
    The counts, an int64 `Array`, and the edges, an ndarray. NaN and what lies outside of the range count nowhere.

Raises:
    InputError: No bins, a range that is not finite or does not rise (also where x has NaN and range is None), or edges that
        do not rise.
    DtypeError: x is complex.
    LimitError: 2^32 elements or more.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> counts, edges = compute.histogram(np.array([0, 1, 1, 4], np.float32), bins=4)
    >>> counts.tolist(), edges.tolist()
    ([1, 2, 0, 1], [0.0, 1.0, 2.0, 3.0, 4.0])
)");
  module.def(
      "bincount",
      [](py::handle x, int64_t minlength) {
        Operands operands({x});
        const array::Array in = operands.take(x, "x");
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::bincount(c, in, minlength); }));
      },
      py::arg("x"), py::kw_only(), py::arg("minlength") = 0,
      R"(Counts each value of an array of small integers, as np.bincount.

Args:
    x: `Array` or C-contiguous ndarray of integers, 0 or more, of any shape.
    minlength: The result has at least so many entries.

Returns:
    An int64 `Array`: entry i says how often i occurs. The call waits for the largest value.

Raises:
    InputError: x has a negative value.
    DtypeError: x has no integers.
    LimitError: A value of 2^28 or more.
    UnsupportedError: The device lacks the dtype.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.bincount(np.array([0, 2, 2], np.uint32)).tolist()
    [1, 0, 2]
)");
}

}  // namespace forge::bind
