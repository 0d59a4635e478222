#include "bind/array/ops/random.hpp"

#include <pybind11/stl.h>

#include "bind/ndarray.hpp"
#include "bind/whole.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

py::int_ to_int(py::handle value, const char* name) {
  PyObject* whole = PyNumber_Index(value.ptr());
  if (whole) return py::reinterpret_steal<py::int_>(whole);
  PyErr_Clear();
  throw Error(ErrorCode::BAD_TYPE, std::string(name) + " is no integer", "an int", describe_value(value));
}

uint64_t wrapped(const py::int_& value) { return PyLong_AsUnsignedLongLongMask(value.ptr()); }

uint64_t to_unsigned(py::handle given, const char* name) {
  const py::int_ value = to_int(given, name);
  if (value < py::int_(0) || value > py::int_(UINT64_MAX))
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(name) + " of a Generator does not fit", "0 to 2^64 - 1",
                py::str(value));
  return wrapped(value);
}

uint64_t seed_or_entropy(py::handle seed) {
  if (!seed.is_none()) return to_unsigned(seed, "seed");
  return py::module_::import("secrets").attr("randbits")(64).cast<uint64_t>();
}

std::unique_ptr<PyGenerator> make(py::handle seed, py::handle stream, py::object device) {
  return std::make_unique<PyGenerator>(seed_or_entropy(seed), to_unsigned(stream, "stream"), 0, std::move(device));
}

// The least and the most that an integer dtype holds.
std::pair<py::int_, py::int_> bounds_of(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  const unsigned bits = static_cast<unsigned>(row.size) * 8;
  if (row.kind == 'u') return {py::int_(0), py::int_(UINT64_MAX >> (64 - bits))};
  const int64_t most = INT64_MAX >> (64 - bits);
  return {py::int_(-most - 1), py::int_(most)};
}

std::unique_ptr<PyArray> integers(PyGenerator& self, py::handle low, py::handle high, py::handle shape,
                                  py::handle dtype) {
  const py::int_ first = high.is_none() ? py::int_(0) : to_int(low, "low");
  const py::int_ end = high.is_none() ? to_int(low, "low") : to_int(high, "high");
  const DType type = to_dtype(dtype);
  const auto [least, most] = bounds_of(type);
  if (first >= end || first < least || end - py::int_(1) > most)
    throw Error(ErrorCode::INVALID_ARGUMENT, "integers of a range that is empty or beyond the dtype",
                "low < high within " + std::string(name_of(type)),
                py::str(first).cast<std::string>() + " to " + py::str(end).cast<std::string>(),
                "high itself is left out; a wider dtype may hold the range");
  const uint64_t start = wrapped(first), count = wrapped(py::int_(end - first));
  const Dims dims = to_dims(shape, "shape");
  return self.run([&](vk::Commands& c) { return self.words.integers(c, dims, start, count, type); });
}

std::vector<std::unique_ptr<PyGenerator>> spawn(PyGenerator& self, size_t count) {
  std::vector<std::unique_ptr<PyGenerator>> made;
  for (size_t i = 0; i < count; ++i)
    made.push_back(
        std::make_unique<PyGenerator>(self.words.child_seed(self.children++), self.words.stream(), 0, self.device));
  return made;
}

py::tuple state_of(const PyGenerator& self) {
  if (!self.device.is_none())
    throw Error(ErrorCode::BAD_TYPE, "a Generator of a chosen device cannot be copied or pickled",
                "one of the default device", "device=...", "make it with the seed, stream and position of this one");
  return py::make_tuple(self.words.seed(), self.words.stream(), self.words.position(), self.children);
}

std::unique_ptr<PyGenerator> from_state(const py::tuple& state) {
  auto made = std::make_unique<PyGenerator>(state[0].cast<uint64_t>(), state[1].cast<uint64_t>(),
                                            state[2].cast<uint64_t>(), py::none());
  made->children = state[3].cast<uint64_t>();
  return made;
}

void bind_values(py::class_<PyGenerator>& cls) {
  cls.def(
      "bits",
      [](PyGenerator& self, py::handle shape, py::handle dtype) {
        const Dims dims = to_dims(shape, "shape");
        const DType type = to_dtype(dtype);
        return self.run([&](vk::Commands& c) { return self.words.bits(c, dims, type); });
      },
      py::arg("shape"), py::kw_only(), py::arg("dtype") = "uint32", R"(Random words.

Args:
    shape: An int or a tuple of ints.
    dtype: "uint32", or "uint64", which takes two words for each value.

Returns:
    An `Array`.

Example:
    >>> from vulkan_forge import random
    >>> [hex(word) for word in random.Generator(0).bits(2).tolist()]
    ['0x6627e8d5', '0xe169c58d']
)");
  cls.def(
      "uniform",
      [](PyGenerator& self, py::handle shape, double low, double high, py::handle dtype) {
        const Dims dims = to_dims(shape, "shape");
        const DType type = to_dtype(dtype);
        return self.run([&](vk::Commands& c) { return self.words.uniform(c, dims, low, high, type); });
      },
      py::arg("shape"), py::arg("low") = 0.0, py::arg("high") = 1.0, py::kw_only(), py::arg("dtype") = "float32",
      R"(Values spread evenly over [low, high): never high itself, unless both are equal.

Args:
    shape: An int or a tuple of ints.
    low: The least value.
    high: What all values are below.
    dtype: "float32" (24 bits of a word) or "float64" (53 bits of two words; needs a device with float64).

Returns:
    An `Array`.

Raises:
    InputError: high is below low, or one is not finite.
    UnsupportedError: The device lacks float64.

Example:
    >>> from vulkan_forge import random
    >>> random.Generator(1).uniform(2, -1, 1).shape
    (2,)
)");
  cls.def(
      "normal",
      [](PyGenerator& self, py::handle shape, double loc, double scale, py::handle dtype) {
        const Dims dims = to_dims(shape, "shape");
        const DType type = to_dtype(dtype);
        return self.run([&](vk::Commands& c) { return self.words.normal(c, dims, loc, scale, type); });
      },
      py::arg("shape"), py::arg("loc") = 0.0, py::arg("scale") = 1.0, py::kw_only(), py::arg("dtype") = "float32",
      R"(Normally distributed values: the inverse of the distribution at one word (float32) or two (float64).

Good to 4 units in the last place; they reach 6.3 (float32) and 8.2 (float64) deviations.

Args:
    shape: An int or a tuple of ints.
    loc: The mean.
    scale: The standard deviation.
    dtype: "float32", or "float64" on a device that has it.

Returns:
    An `Array`.

Raises:
    InputError: scale is negative, or one of the two is not finite.
    UnsupportedError: The device lacks float64.

Example:
    >>> from vulkan_forge import random
    >>> random.Generator(1).normal((2, 3), scale=0.5).shape
    (2, 3)
)");
  cls.def("integers", &integers, py::arg("low"), py::arg("high") = py::none(), py::arg("shape") = py::tuple(),
          py::kw_only(), py::arg("dtype") = "int32", R"(Integers from low to high - 1, each as likely as any other.

Args:
    low: The least value; where high is None, what all values are below.
    high: What all values are below.
    shape: An int or a tuple of ints.
    dtype: Any integer dtype. A range beyond 2^32 takes two words for each value.

Returns:
    An `Array`.

Raises:
    InputError: The range is empty or does not fit in the dtype.
    UnsupportedError: The device lacks 8-bit or 16-bit storage, and the dtype needs it.

Example:
    >>> from vulkan_forge import random
    >>> random.Generator(1).integers(1, 7, 4).shape
    (4,)
)");
  cls.def(
      "permutation",
      [](PyGenerator& self, py::handle count) {
        const int64_t n = need_whole(count, "count");
        return self.run([&](vk::Commands& c) { return self.words.permutation(c, n); });
      },
      py::arg("count"), R"(The numbers 0 to count - 1 in random order, as likely in one as in any other.

The order that sorts `count` words of 64 bits (two equal ones, which keep their order, have a chance of count^2 / 2^65). To
shuffle an array: `compute.gather(a, rng.permutation(len(a)))`.

Args:
    count: How many.

Returns:
    An `Array` of int64.

Raises:
    InputError: count is negative.
    LimitError: The words would take 4 GiB or more.

Example:
    >>> from vulkan_forge import random
    >>> sorted(random.Generator(1).permutation(4).tolist())
    [0, 1, 2, 3]
)");
}

void bind_state(py::class_<PyGenerator>& cls) {
  cls.def_property_readonly("seed", [](const PyGenerator& self) { return self.words.seed(); }, "The key, 64 bits.");
  cls.def_property_readonly(
      "stream", [](const PyGenerator& self) { return self.words.stream(); }, "Which line of words, below 2^56.");
  cls.def_property(
      "position", [](const PyGenerator& self) { return self.words.position(); },
      [](PyGenerator& self, py::handle position) { self.words.seek(to_unsigned(position, "position")); },
      "The next word's number; may be set.");
  cls.def("spawn", &spawn, py::arg("count"), R"(New generators, independent of this one and of each other.

Their seeds are drawn from this one's seed and stream beside its words, so `position` stays as it is; further calls make
further generators.

Example:
    >>> from vulkan_forge import random
    >>> len(random.Generator(1).spawn(3))
    3
)");
  cls.def("__repr__", [](const PyGenerator& self) {
    return "Generator(seed=" + std::to_string(self.words.seed()) + ", stream=" + std::to_string(self.words.stream()) +
           ", position=" + std::to_string(self.words.position()) + ")";
  });
  cls.def(py::pickle(&state_of, &from_state));
}

}  // namespace

void bind_random(py::module_& module) {
  py::class_<PyGenerator> cls(module, "Generator", R"(Random numbers by Philox4x32-10, with equal bits on every device.

A value depends on seed, stream and position alone, so calls may be split in any way: `normal(30)` gives what `normal(10)`
and `normal(20)` give. `docs/random.md` has the rules, and the same in NumPy.

Args:
    seed: 0 to 2^64 - 1; None for one from the operating system.
    stream: Which of 2^56 independent lines of words under this seed.
    device: A `Device`; None for the default one.

Raises:
    InputError: seed or stream does not fit.

Example:
    >>> from vulkan_forge import random
    >>> rng = random.Generator(7)
    >>> once = rng.uniform(3).tolist()
    >>> rng.position = 0
    >>> rng.uniform(3).tolist() == once
    True
)");
  cls.def(py::init(&make), py::arg("seed") = py::none(), py::kw_only(), py::arg("stream") = 0,
          py::arg("device") = py::none());
  bind_values(cls);
  bind_choice(cls);
  bind_state(cls);
}

}  // namespace forge::bind
