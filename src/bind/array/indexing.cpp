#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::Array;

PyArray view_over(const Array& base, int64_t first, const Dims& shape, const Dims& strides) {
  return PyArray(base.view(first, shape, strides), true);
}

bool is_index(py::handle key) {
  return PyIndex_Check(key.ptr()) && !PyBool_Check(key.ptr()) && !py::isinstance<PyArray>(key) &&
         !py::isinstance<py::array>(key) && !py::hasattr(key, "__array_interface__");
}

bool is_basic(py::handle key) {
  return key.is_none() || PySlice_Check(key.ptr()) || key.ptr() == Py_Ellipsis || is_index(key);
}

// Ints, slices, None and an Ellipsis over an array: what they leave of it.
class BasicKey {
 public:
  BasicKey(const Dims& shape, const Dims& strides) : shape_(shape), strides_(strides) {}

  void take(std::span<const py::handle> keys) {
    size_t consumed = 0, dots = 0;
    for (const py::handle key : keys) {
      if (key.ptr() == Py_Ellipsis)
        ++dots;
      else if (!key.is_none())
        ++consumed;
    }
    if (dots > 1)
      throw Error(ErrorCode::BAD_SHAPE, "an index holds more than one Ellipsis", "one `...`", std::to_string(dots));
    if (consumed > shape_.size())
      throw Error(ErrorCode::OUT_OF_RANGE, "too many indices for an array of shape " + to_string(shape_),
                  "at most " + std::to_string(shape_.size()), std::to_string(consumed));
    for (const py::handle key : keys) {
      if (key.ptr() == Py_Ellipsis)
        keep(shape_.size() - consumed);
      else
        one(key);
    }
    keep(shape_.size() - axis_);
  }

  int64_t first = 0;
  Dims shape, strides;

 private:
  void keep(size_t axes) {
    if (shape.size() + axes > kMaxDims)
      throw Error(ErrorCode::BAD_SHAPE, "an index makes too many axes", "at most " + std::to_string(kMaxDims),
                  std::to_string(shape.size() + axes));
    for (; axes > 0; --axes, ++axis_) {
      shape.push_back(shape_[axis_]);
      strides.push_back(strides_[axis_]);
    }
  }

  void one(py::handle key) {
    if (key.is_none()) {
      if (shape.size() == kMaxDims)
        throw Error(ErrorCode::BAD_SHAPE, "an index makes too many axes", "at most " + std::to_string(kMaxDims),
                    "more");
      shape.push_back(1);
      strides.push_back(0);
      return;
    }
    const int64_t extent = shape_[axis_], stride = strides_[axis_];
    if (PySlice_Check(key.ptr()))
      slice(key, extent, stride);
    else
      index(key, extent, stride);
    ++axis_;
  }

  void slice(py::handle key, int64_t extent, int64_t stride) {
    Py_ssize_t start = 0, stop = 0, step = 0;
    if (PySlice_Unpack(key.ptr(), &start, &stop, &step) != 0) throw py::error_already_set();
    const Py_ssize_t count = PySlice_AdjustIndices(extent, &start, &stop, step);
    if (count > 0) first += start * stride;
    shape.push_back(count);
    strides.push_back(step * stride);
  }

  void index(py::handle key, int64_t extent, int64_t stride) {
    const Py_ssize_t at = PyNumber_AsSsize_t(key.ptr(), PyExc_IndexError);
    if (at == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (at < -extent || at >= extent)
      throw Error(ErrorCode::OUT_OF_RANGE, "index on axis " + std::to_string(axis_),
                  "-" + std::to_string(extent) + " to " + std::to_string(extent - 1), std::to_string(at));
    first += (at < 0 ? at + extent : at) * stride;
  }

  const Dims &shape_, &strides_;
  size_t axis_ = 0;
};

std::optional<std::vector<py::handle>> basic_keys(py::handle key) {
  std::vector<py::handle> keys;
  if (!PyTuple_Check(key.ptr())) {
    if (!is_basic(key)) return std::nullopt;
    keys.push_back(key);
    return keys;
  }
  for (const py::handle one : py::reinterpret_borrow<py::tuple>(key)) {
    if (!is_basic(one)) return std::nullopt;
    keys.push_back(one);
  }
  return keys;
}

Array part_of(const Array& whole, std::span<const py::handle> keys) {
  BasicKey key(whole.shape(), whole.strides());
  key.take(keys);
  return whole.view(key.first, key.shape, key.strides);
}

ArrayObject getitem(const PyArray& self, py::handle key) {
  const auto keys = basic_keys(key);
  if (!keys)
    return py::module_::import("vulkan_forge.numpy._indexing")
        .attr("getitem")(py::cast(&self), key)
        .cast<ArrayObject>();
  return py::cast(PyArray(part_of(self.array(), *keys), true)).cast<ArrayObject>();
}

void setitem(PyArray& self, py::handle key, py::handle value) {
  const auto keys = basic_keys(key);
  if (!keys) {
    py::module_::import("vulkan_forge.numpy._indexing").attr("setitem")(py::cast(&self), key, value);
    return;
  }
  const bool whole = keys->size() == 1 && (*keys)[0].ptr() == Py_Ellipsis;
  const array::Lazy wanted = to_lazy(value, self.dtype(), self.device(), "the value of an assignment");
  if (whole) return self.replace(copy(broadcast_to(wanted, self.shape())));
  write_values(part_of(self.array(), *keys), wanted);
}

ArrayObject contiguous(ArrayObject x) {
  const auto& held = x.cast<const PyArray&>();
  return held.pending() || held.values()->contiguous() ? x : to_array(copy(held.lazy()));
}

}  // namespace

void bind_indexing(py::class_<PyArray>& cls) {
  cls.def("__getitem__", &getitem);
  cls.def("__setitem__", &setitem);
  cls.def("__iter__", [](const py::object& self) {
    const auto& shape = self.cast<const PyArray&>().shape();
    if (shape.empty()) throw py::type_error("iteration over a 0-dimensional Array");
    return py::module_::import("builtins")
        .attr("map")(self.attr("__getitem__"), py::module_::import("builtins").attr("range")(shape[0]));
  });
}

void bind_views(py::module_& module) {
  module.def(
      "view",
      [](const PyArray& x, py::sequence shape, const py::sequence& strides, int64_t offset) {
        Dims steps;
        for (const py::handle stride : strides) steps.push_back(stride.cast<int64_t>());
        return view_over(x.array(), offset, to_dims(shape, "shape"), steps);
      },
      py::arg("x"), py::arg("shape"), py::arg("strides"), py::arg("offset") = 0,
      R"(The same memory with another shape and byte strides.

Args:
    x: An `Array`.
    shape: Extents.
    strides: Bytes from element to element along each axis, of any sign.
    offset: Bytes from the first element of x to that of the view.

Raises:
    RangeError: The view would leave the memory.
)");
  module.def("contiguous", &contiguous, py::arg("x"), "An Array without gaps, in C order: x itself where it is one.");
  module.def(
      "assign",
      [](const PyArray& x, py::handle value) {
        write_values(x.array(), to_lazy(value, x.dtype(), x.device(), "the value of an assignment"));
      },
      py::arg("x"), py::arg("value"), "Writes a value, converted and broadcast, over all elements.");
}

}  // namespace forge::bind
