#include <pybind11/stl.h>

#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

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
  explicit BasicKey(const Dims& shape) : shape_(shape) {}

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

  array::View view;

 private:
  void keep(size_t axes) {
    if (view.shape.size() + axes > kMaxDims)
      throw Error(ErrorCode::BAD_SHAPE, "an index makes too many axes", "at most " + std::to_string(kMaxDims),
                  std::to_string(view.shape.size() + axes));
    for (; axes > 0; --axes, ++axis_) {
      view.add(static_cast<int>(axis_), shape_[axis_], 1);
      view.first.push_back(0);
    }
  }

  void one(py::handle key) {
    if (key.is_none()) {
      if (view.shape.size() == kMaxDims)
        throw Error(ErrorCode::BAD_SHAPE, "an index makes too many axes", "at most " + std::to_string(kMaxDims),
                    "more");
      view.add(array::View::kNew, 1, 0);
      return;
    }
    if (PySlice_Check(key.ptr()))
      slice(key, shape_[axis_]);
    else
      index(key, shape_[axis_]);
    ++axis_;
  }

  void slice(py::handle key, int64_t extent) {
    Py_ssize_t start = 0, stop = 0, step = 0;
    if (PySlice_Unpack(key.ptr(), &start, &stop, &step) != 0) throw py::error_already_set();
    const Py_ssize_t count = PySlice_AdjustIndices(extent, &start, &stop, step);
    view.first.push_back(count > 0 ? start : 0);
    view.add(static_cast<int>(axis_), count, step);
  }

  void index(py::handle key, int64_t extent) {
    const Py_ssize_t at = PyNumber_AsSsize_t(key.ptr(), PyExc_IndexError);
    if (at == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (at < -extent || at >= extent)
      throw Error(ErrorCode::OUT_OF_RANGE, "index on axis " + std::to_string(axis_),
                  "-" + std::to_string(extent) + " to " + std::to_string(extent - 1), std::to_string(at));
    view.first.push_back(at < 0 ? at + extent : at);
  }

  const Dims& shape_;
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

array::View view_of(const Dims& shape, std::span<const py::handle> keys) {
  BasicKey key(shape);
  key.take(keys);
  return key.view;
}

// Of memory where there is some already; in recordings there is.
ArrayObject seen(const PyArray& self, const PyArray::Seen& what) {
  const bool later = array::recording_number() == 0 && self.waits();
  return py::cast(later ? PyArray(py::cast(&self), what) : PyArray(seen_in(self.array(), what), true))
      .cast<ArrayObject>();
}

array::View axes_in_order(const PyArray& x, const std::vector<int>& axes) {
  array::View view;
  for (size_t i = 0; i < x.shape().size(); ++i) view.first.push_back(0);
  for (const int axis : axes) view.add(axis, x.shape()[static_cast<size_t>(axis)], 1);
  return view;
}

ArrayObject getitem(const PyArray& self, py::handle key) {
  const auto keys = basic_keys(key);
  if (!keys)
    return py::module_::import("vulkan_forge.numpy._keys").attr("getitem")(py::cast(&self), key).cast<ArrayObject>();
  return seen(self, view_of(self.shape(), *keys));
}

// Values that have to be brought into form first, which Python does: lists, and Arrays of more axes than there are, whose
// extents of 1 in front do not count.
bool needs_form(py::handle value, size_t axes) {
  if (PyList_Check(value.ptr()) || PyTuple_Check(value.ptr())) return true;
  return py::isinstance<PyArray>(value) && value.cast<const PyArray&>().shape().size() > axes;
}

void setitem(PyArray& self, py::handle key, py::handle value) {
  const auto keys = basic_keys(key);
  const bool whole = keys && keys->size() == 1 && (*keys)[0].ptr() == Py_Ellipsis;
  const array::View view = keys && !whole ? view_of(self.shape(), *keys) : array::View();
  if (!keys || needs_form(value, whole ? self.shape().size() : view.shape.size())) {
    py::module_::import("vulkan_forge.numpy._keys").attr("setitem")(py::cast(&self), key, value);
    return;
  }
  const array::Lazy wanted = to_lazy(value, self.dtype(), self.device(), "the value of an assignment");
  if (whole) return self.replace(copy(broadcast_to(wanted, self.shape())));
  write_values(view.of(self.array()), wanted);
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
        return PyArray(x.array().view(offset, to_dims(shape, "shape"), steps), true);
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
  module.def(
      "permuted", [](const PyArray& x, const std::vector<int>& axes) { return seen(x, axes_in_order(x, axes)); },
      py::arg("x"), py::arg("axes"), "A view with these axes in this order; each stands there once.");
  module.def(
      "reshaped",
      [](const PyArray& x, py::sequence shape) -> std::optional<ArrayObject> {
        if (!x.pending() && !x.values()->contiguous()) return std::nullopt;
        const Dims wanted = to_dims(shape, "shape");
        if (element_count(wanted) != element_count(x.shape()))
          throw Error(ErrorCode::BAD_SHAPE, "a view of another shape has as many elements", to_string(x.shape()),
                      to_string(wanted));
        return seen(x, wanted);
      },
      py::arg("x"), py::arg("shape"), "A view of another shape of as many elements; None where x has gaps.");
  module.def("contiguous", &contiguous, py::arg("x"), "An Array without gaps, in C order: x itself where it is one.");
  module.def(
      "assign",
      [](const PyArray& x, py::handle value) {
        write_values(x.array(), to_lazy(value, x.dtype(), x.device(), "the value of an assignment"));
      },
      py::arg("x"), py::arg("value"), "Writes a value, converted and broadcast, over all elements.");
}

}  // namespace forge::bind
