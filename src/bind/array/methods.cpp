#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"
#include "bind/array/view.hpp"
#include "bind/errors.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// Methods that are the function of their name in vulkan_forge.numpy.
constexpr const char* kForwarded[] = {
    "all",          "any",     "argmax", "argmin", "argsort",  "clip", "conj",  "cumprod", "cumsum", "diagonal",
    "dot",          "max",     "mean",   "min",    "nonzero",  "prod", "ptp",   "ravel",   "repeat", "round",
    "searchsorted", "squeeze", "std",    "sum",    "swapaxes", "take", "trace", "var",
};

py::object function(const char* name) { return py::module_::import("vulkan_forge.numpy").attr(name); }

// bool(x), float(x) and the like: of one element.
py::object number_of(const PyArray& self, const char* type) {
  if (element_count(self.shape()) != 1)
    throw py::type_error(std::string(type) + "() of an Array of " + std::to_string(element_count(self.shape())) +
                         " elements; expected one: use .any() or .all(), or an index");
  return py::module_::import("builtins").attr(type)(copy_of(*self.host_values()).attr("item")());
}

void bind_numbers(py::class_<PyArray>& cls) {
  cls.def("__bool__", [](const PyArray& self) { return number_of(self, "bool"); });
  cls.def("__int__", [](const PyArray& self) { return number_of(self, "int"); });
  cls.def("__float__", [](const PyArray& self) { return number_of(self, "float"); });
  cls.def("__complex__", [](const PyArray& self) { return number_of(self, "complex"); });
  cls.def("__index__", [](const PyArray& self) {
    const char kind = dtype_row(self.dtype()).kind;
    if (kind != 'i' && kind != 'u') throw py::type_error("only integer Arrays of one element can be an index");
    return number_of(self, "int");
  });
}

// What Python says of arguments that a function does not take, in our words.
template <class Call>
py::object called(const char* name, const Call& call) {
  try {
    return call();
  } catch (const py::error_already_set& error) {
    if (error.type().ptr() != PyExc_TypeError) throw;
    throw_as(ErrorCode::BAD_TYPE, error, "the arguments of " + std::string(name),
             "those of vulkan_forge.numpy." + std::string(name));
  }
}

// "{:.3f}" of one element, as of the number that it is.
void bind_format(py::class_<PyArray>& cls) {
  cls.def("__format__", [](const ArrayObject& self, const std::string& how) -> py::object {
    if (how.empty()) return py::str(self);
    const auto& held = self.cast<const PyArray&>();
    if (element_count(held.shape()) != 1)
      throw py::type_error("a format such as '" + how + "' is for Arrays of one element; this one has shape " +
                           to_string(held.shape()));
    return py::module_::import("builtins").attr("format")(copy_of(*held.host_values()).attr("item")(), how);
  });
}

void bind_divmod(py::class_<PyArray>& cls) {
  const auto both = [](py::handle a, py::handle b) -> py::object {
    if (!Term::of(a) || !Term::of(b)) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
    return py::make_tuple(function("floor_divide")(a, b), function("remainder")(a, b));
  };
  cls.def("__divmod__", [=](py::handle a, py::handle b) { return both(a, b); }, py::is_operator());
  cls.def("__rdivmod__", [=](py::handle a, py::handle b) { return both(b, a); }, py::is_operator());
}

void bind_forwarded(py::class_<PyArray>& cls) {
  for (const char* name : kForwarded)
    cls.def(
        name,
        [name](const ArrayObject& self, const py::args& args, const py::kwargs& named) {
          return called(name, [&] { return py::object(function(name)(self, *args, **named)); });
        },
        ("`vulkan_forge.numpy." + std::string(name) + "` of this array.").c_str());
  cls.def(
      "reshape",
      [](const ArrayObject& self, const py::args& shape, const py::kwargs& named) {
        const bool one = shape.size() == 1;
        return py::reinterpret_borrow<ArrayObject>(called("reshape", [&] {
          return py::object(function("reshape")(self, one ? py::object(shape[0]) : py::object(shape), **named));
        }));
      },
      "`vulkan_forge.numpy.reshape` of this array; extents may be given one by one.");
  cls.def(
      "transpose",
      [](const ArrayObject& self, const py::args& axes) {
        const py::object turn = function("transpose");
        if (axes.empty()) return py::reinterpret_borrow<ArrayObject>(turn(self));
        return py::reinterpret_borrow<ArrayObject>(
            turn(self, axes.size() == 1 ? py::object(axes[0]) : py::object(axes)));
      },
      "`vulkan_forge.numpy.transpose` of this array; axes may be given one by one.");
  cls.def(
      "sort",
      [](PyArray& self, py::handle axis) {
        const py::object sorted = function("sort")(py::cast(&self), py::arg("axis") = axis);
        self.replace(sorted.cast<const PyArray&>().lazy());
      },
      py::arg("axis") = -1, "Sorts the array itself along an axis.");
  cls.def(
      "fill",
      [](PyArray& self, py::handle value) {
        const array::Lazy values = to_lazy(value, self.dtype(), self.device(), "the value of fill");
        self.replace(copy(broadcast_to(values, self.shape())));  // never the memory of another array
      },
      py::arg("value"), "Writes one value everywhere.");
  for (const char* name : {"flatten", "copy"}) {
    const bool flat = std::string_view(name) == "flatten";
    cls.def(
        name,
        [flat](const PyArray& self) {
          const ArrayObject copied = to_array(copy(self.lazy()));
          return flat ? py::reinterpret_borrow<ArrayObject>(function("ravel")(copied)) : copied;
        },
        flat ? "A fresh one-dimensional copy." : "A fresh copy in C order.");
  }
  cls.def(
      "astype",
      [](ArrayObject self, py::handle dtype, bool copied) {
        const auto& held = self.cast<const PyArray&>();
        const DType wanted = to_dtype(dtype);
        if (held.dtype() != wanted) return to_array(cast(held.lazy(), wanted));
        return copied ? to_array(copy(held.lazy())) : self;
      },
      py::arg("dtype"), py::kw_only(), py::arg("copy") = true,
      R"(The values in another dtype, as part of an expression.

Args:
    dtype: The dtype to have.
    copy: False gives this array itself where its dtype is that already.

Raises:
    DtypeError: Complex numbers to real ones: take `real`, `imag` or `abs`.

Example:
    >>> import vulkan_forge as vf
    >>> vf.asarray([1.5, -1.5]).astype("int32").tolist()
    [1, -1]
)");
}

void bind_matmul_operators(py::class_<PyArray>& cls) {
  const auto multiply = [](py::handle a, py::handle b) {
    if (!py::isinstance<PyArray>(a) || !py::isinstance<PyArray>(b)) {
      const py::handle other = py::isinstance<PyArray>(a) ? b : a;
      if (!Term::of(other)) return py::reinterpret_borrow<ArrayObject>(Py_NotImplemented);
    }
    return py::reinterpret_borrow<ArrayObject>(function("matmul")(a, b));
  };
  cls.def("__matmul__", [=](py::handle a, py::handle b) { return multiply(a, b); }, py::is_operator());
  cls.def("__rmatmul__", [=](py::handle a, py::handle b) { return multiply(b, a); }, py::is_operator());
  cls.def(
      "__imatmul__",
      [=](ArrayObject a, py::handle b) {
        ArrayObject product = multiply(a, b);
        if (!py::isinstance<PyArray>(product)) return product;
        auto& self = a.cast<PyArray&>();
        const array::Lazy made = product.cast<const PyArray&>().lazy();
        check_in_place(self, made);
        self.replace(cast(made, self.dtype()));
        return a;
      },
      py::is_operator());
  const auto power = [](py::handle a, py::handle b, const py::args& modulus = {}) {
    const bool plain = modulus.empty() || modulus[0].is_none();  // pow(a, b, m) has no meaning for arrays
    return py::reinterpret_borrow<ArrayObject>(plain ? py::object(function("pow")(a, b))
                                                     : py::reinterpret_borrow<py::object>(Py_NotImplemented));
  };
  cls.def("__pow__", [=](py::handle a, py::handle b, const py::args& m) { return power(a, b, m); }, py::is_operator());
  cls.def("__rpow__", [=](py::handle a, py::handle b, const py::args& m) { return power(b, a, m); }, py::is_operator());
  cls.def(
      "__ipow__",
      [=](ArrayObject a, py::handle b, const py::args&) {
        auto& self = a.cast<PyArray&>();
        const array::Lazy made = power(a, b).cast<const PyArray&>().lazy();
        check_in_place(self, made);
        self.replace(cast(made, self.dtype()));
        return a;
      },
      py::is_operator());
}

void bind_protocols(py::class_<PyArray>& cls) {
  cls.def(
      "__array_namespace__",
      [](const PyArray&, py::handle version) {
        const py::object space = py::module_::import("vulkan_forge.numpy");
        if (!version.is_none() && !version.equal(space.attr("__array_api_version__")) &&
            !version.equal(py::str("2023.12")) && !version.equal(py::str("2022.12")))
          throw py::value_error("the array API is here in version 2024.12");
        return space;
      },
      py::kw_only(), py::arg("api_version") = py::none(), "`vulkan_forge.numpy`, as the Python array API asks for it.");
  cls.def("__array_ufunc__", [](const ArrayObject& self, py::object ufunc, py::object method, const py::args& inputs,
                                const py::kwargs& named) {
    return py::module_::import("vulkan_forge.numpy._functions")
        .attr("array_ufunc")(self, ufunc, method, *inputs, **named);
  });
  cls.def("__array_function__",
          [](const ArrayObject& self, py::object function, py::object types, py::object args, py::object named) {
            return py::module_::import("vulkan_forge.numpy._functions")
                .attr("array_function")(self, function, types, args, named);
          });
  cls.def(
      "to_device",
      [](const ArrayObject& self, py::handle device, py::handle stream) -> py::object {
        if (!stream.is_none())
          throw Error(ErrorCode::INVALID_ARGUMENT, "devices have queues, no streams", "stream=None", "a stream");
        return py::module_::import("vulkan_forge").attr("asarray")(self, py::arg("device") = device);
      },
      py::arg("device"), py::kw_only(), py::arg("stream") = py::none(),
      "The values on a device: this array where it lies there, else a copy that goes through the host.");
}

}  // namespace

void bind_description(py::class_<PyArray>& cls) {
  cls.def_property_readonly("shape", [](const PyArray& self) { return to_tuple(self.shape()); }, "Extents.");
  cls.def_property_readonly(
      "strides",
      [](const PyArray& self) {
        if (self.pending()) return to_tuple(contiguous_strides(self.shape(), size_of(self.dtype())));
        return to_tuple(self.values()->strides());
      },
      "Bytes from element to element along each axis.");
  cls.def_property_readonly(
      "dtype", [](const PyArray& self) { return numpy_dtype(self.dtype()); }, "The NumPy dtype of the elements.");
  cls.def_property_readonly("ndim", [](const PyArray& self) { return self.shape().size(); }, "Number of axes.");
  cls.def_property_readonly(
      "size", [](const PyArray& self) { return element_count(self.shape()); }, "Number of elements.");
  cls.def_property_readonly(
      "nbytes",
      [](const PyArray& self) {
        return static_cast<uint64_t>(element_count(self.shape(), size_of(self.dtype()))) * size_of(self.dtype());
      },
      "Bytes of all elements.");
  cls.def_property_readonly(
      "itemsize", [](const PyArray& self) { return size_of(self.dtype()); }, "Bytes of one element.");
  cls.def_property_readonly(
      "writable", [](const PyArray& self) { return self.pending() || self.values()->writable(); },
      "False over read-only host memory, and where elements stand twice.");
  cls.def_property_readonly(
      "device", [](const PyArray& self) { return PyDevice(self.device()); }, "The device that holds the values.");
  cls.def("__len__", [](const PyArray& self) {
    if (self.shape().empty()) throw py::type_error("len() of a 0-dimensional Array");
    return self.shape()[0];
  });
  cls.def("__contains__", [](const ArrayObject& self, py::handle value) {
    return py::cast<bool>(py::bool_(function("any")(function("equal")(self, value))));
  });
  cls.def_property_readonly(
      "T", [](const ArrayObject& self) { return function("transpose")(self); },
      "A view with the axes in reverse order.");
  cls.def_property_readonly(
      "mT",
      [](const ArrayObject& self) { return py::reinterpret_borrow<ArrayObject>(function("matrix_transpose")(self)); },
      "A view with the last two axes swapped.");
  for (const char* name : {"real", "imag"})
    cls.def_property_readonly(
        name, [name](const ArrayObject& self) { return py::reinterpret_borrow<ArrayObject>(function(name)(self)); },
        std::string_view(name) == "real" ? "The real part." : "The imaginary part.");
}

void bind_methods(py::class_<PyArray>& cls) {
  bind_numbers(cls);
  bind_format(cls);
  bind_divmod(cls);
  bind_forwarded(cls);
  bind_matmul_operators(cls);
  bind_protocols(cls);
}

}  // namespace forge::bind
