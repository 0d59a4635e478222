#include "forge/array/ops/choice.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "bind/array/ops/random.hpp"
#include "bind/ndarray.hpp"
#include "bind/whole.hpp"
#include "forge/array/ops/elements.hpp"
#include "forge/array/ops/gather.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using Chances = std::optional<std::vector<double>>;

Operands operands_of(const PyGenerator& self, py::handle x) {
  return self.device.is_none() ? Operands({x}) : Operands(device_or_default(self.device));
}

void shuffle(PyGenerator& self, const py::object& x, int64_t axis) {
  Operands operands = operands_of(self, x);
  const array::Array in = operands.take(x, "x");
  const bool is_fixed_ndarray =
      py::isinstance<py::array>(x) && !py::reinterpret_borrow<py::array>(x).writeable();  // or one that was copied
  if (!in.writable() || is_fixed_ndarray)
    throw Error(ErrorCode::READ_ONLY, "x is read-only", "a writable array", "a read-only one",
                "shuffle a copy: vf.asarray(np.asarray(x))");
  const bool in_place = py::isinstance<PyArray>(x);
  const array::Array mixed = operands.run([&](vk::Commands& c) {
    array::Array made = array::shuffled(c, self.words, in, axis);
    if (in_place && made.size() > 0) c.copy(made.bytes(), in.bytes());
    return made;
  });
  if (!in_place) x[py::ellipsis()] = py::cast(std::make_unique<PyArray>(mixed)).attr("numpy")();
}

// How far the sum of chances may be from 1: what their own dtype can say, as NumPy has it.
double slack_of(const py::array& chances) {
  const py::object numpy = py::module_::import("numpy");
  const double own =
      chances.dtype().kind() == 'f' ? numpy.attr("finfo")(chances.dtype()).attr("eps").cast<double>() : 0;
  return std::sqrt(std::max(own, std::numeric_limits<double>::epsilon()));
}

Chances chances_of(py::handle p, int64_t count) {
  if (p.is_none()) return std::nullopt;
  const py::object numpy = py::module_::import("numpy");
  const py::array given = numpy.attr("asarray")(p);
  if (given.ndim() != 1 || given.shape(0) != count)
    throw Error(ErrorCode::BAD_SHAPE, "p does not fit what is chosen from", std::to_string(count) + " chances",
                describe_value(given));
  if (std::string_view("fiub").find(given.dtype().kind()) == std::string_view::npos)
    throw Error(ErrorCode::BAD_DTYPE, "p holds no chances", "real numbers", describe_value(given));
  auto chances = given.attr("astype")("float64").attr("tolist")().cast<std::vector<double>>();
  double sum = 0;
  for (const double chance : chances) {
    if (!(chance >= 0 && chance <= 2))
      throw Error(ErrorCode::INVALID_ARGUMENT, "p holds what is no chance", "0 to 1", std::to_string(chance));
    sum += chance;
  }
  if (count > 0 && std::abs(sum - 1) > slack_of(given))
    throw Error(ErrorCode::INVALID_ARGUMENT, "p does not add up to 1", "a sum of 1", std::to_string(sum),
                "divide it: p / p.sum()");
  return chances;
}

void check_supply(int64_t wanted, int64_t count, bool replace, const Chances& chances) {
  if (wanted > 0 && count == 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "there is nothing to choose from", "1 entry or more", "0");
  if (replace) return;
  const int64_t there =
      chances ? std::count_if(chances->begin(), chances->end(), [](double chance) { return chance > 0; }) : count;
  if (wanted > there)
    throw Error(ErrorCode::INVALID_ARGUMENT, "there is not enough to choose from without replacement",
                "at most " + std::to_string(there) + (chances ? ", of those whose chance is above 0" : ""),
                std::to_string(wanted), "take fewer, or replace=True");
}

array::Array numbers(PyGenerator& self, vk::Commands& c, const Dims& dims, int64_t count, bool replace,
                     const Chances& chances) {
  if (chances) return array::chosen(c, self.words, dims, *chances, !replace);
  return array::chosen(c, self.words, dims, count, !replace);
}

// From the numbers below a count, or from the entries of an axis.
std::unique_ptr<PyArray> choice(PyGenerator& self, py::handle a, py::handle shape, bool replace, py::handle p,
                                int64_t axis, bool shuffle) {
  static_cast<void>(shuffle);  // samples without replacement are in random order anyway
  const Dims dims = shape.is_none() ? Dims{} : to_dims(shape, "shape");
  const bool counted = !py::isinstance<PyArray>(a) && !py::isinstance<py::array>(a);
  if (counted && !PyIndex_Check(a.ptr()))
    throw Error(ErrorCode::BAD_TYPE, "a is nothing to choose from", "an int, an Array or an ndarray",
                describe_value(a));
  Operands operands = operands_of(self, a);
  std::optional<array::Array> from;
  int64_t count = 0;
  if (counted) {
    count = need_whole(a, "a");
  } else {
    from = operands.take(a, "a");
    axis = array::normal_axis(from->shape(), axis, "choice");
    count = from->shape()[static_cast<size_t>(axis)];
  }
  if (count < 0) throw Error(ErrorCode::INVALID_ARGUMENT, "a is a negative count", "0 or more", std::to_string(count));
  if (counted && count == std::numeric_limits<int64_t>::max())  // and what is beyond it
    throw Error(ErrorCode::INVALID_ARGUMENT, "a is too large a count", "below 2^63 - 1, as numbers are int64",
                std::string(py::str(a)));
  const Chances chances = chances_of(p, count);
  check_supply(element_count(dims), count, replace, chances);
  return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) {
    const array::Array at = numbers(self, c, dims, count, replace, chances);
    return from ? array::gather(c, *from, at, axis, array::IndexMode::trusted) : at;
  }));
}

}  // namespace

void bind_choice(py::class_<PyGenerator>& cls) {
  cls.def("shuffle", &shuffle, py::arg("x"), py::arg("axis") = 0,
          R"(Puts the entries of an axis into random order, in place.

All entries move as they are: rows of a matrix stay rows. The order is that of `permutation`, so any order is as likely as
any other.

Args:
    x: A writable `Array` or C-contiguous ndarray with 1 or more axes. An ndarray is waited for.
    axis: The axis whose entries move, from the end where negative.

Raises:
    RangeError: The axis lies outside of x.
    ReadOnlyError: x may not be written.
    ShapeError: x has no axis.
    LimitError: The axis has 2^29 entries or more.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import random
    >>> x = np.arange(6).reshape(3, 2)
    >>> random.Generator(1).shuffle(x)
    >>> sorted(x.tolist())
    [[0, 1], [2, 3], [4, 5]]
)");
  cls.def("choice", &choice, py::arg("a"), py::arg("shape") = py::none(), py::kw_only(), py::arg("replace") = true,
          py::arg("p") = py::none(), py::arg("axis") = 0, py::arg("shuffle") = true,
          R"(A random sample: of the numbers 0 to a - 1, or of the entries of an axis of an array.

Args:
    a: A count, or an `Array` or C-contiguous ndarray with 1 or more axes.
    shape: How many, an int or a tuple of ints; None: one.
    replace: True: an entry may come more than once. False: it may not.
    p: How likely each entry is, numbers with a sum of 1, on the host; None: all are as likely.
    axis: The axis that entries are taken from, from the end where negative.
    shuffle: As in NumPy's Generator, where False leaves samples without replacement in an order of no meaning; here their
        order is random either way.

Returns:
    An `Array`: int64 numbers, or entries of a with `shape` in the axis's place. With p and without replacement they are
    found on the host, and the call takes time by the length of p.

Raises:
    InputError: Nothing to choose from, or not enough without replacement; p is negative, NaN or has another sum.
    ShapeError: p has another length.
    RangeError: The axis lies outside of a.
    LimitError: 2^29 entries or more, without replacement or with p.

Example:
    >>> from vulkan_forge import random
    >>> rng = random.Generator(1)
    >>> rng.choice(5, (2, 3)).shape
    (2, 3)
    >>> sorted(rng.choice(3, 3, replace=False).tolist())
    [0, 1, 2]
    >>> rng.choice(3, 4, p=[0, 1, 0]).tolist()
    [1, 1, 1, 1]
)");
}

}  // namespace forge::bind
