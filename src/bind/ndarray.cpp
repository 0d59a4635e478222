#include "bind/ndarray.hpp"

#include "bind/errors.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

constexpr std::string_view kBrain = "bfloat16";

// ml_dtypes' own: NumPy sees a structure of two bytes, with a name.
bool is_brain(const py::dtype& dtype) {
  return dtype.kind() == 'V' && dtype.itemsize() == 2 && dtype.attr("name").cast<std::string>() == kBrain;
}

std::optional<DType> known_dtype(const py::dtype& dtype) {
  if (is_brain(dtype)) return DType::bfloat16;
  const char order = dtype.byteorder();
  if (order == '>' || (order != '<' && order != '=' && order != '|')) return std::nullopt;
  return find_dtype(dtype.kind(), static_cast<size_t>(dtype.itemsize()));
}

// Known to NumPy by a package of its own.
py::dtype brain_dtype() {
  try {
    return py::dtype::from_args(py::module_::import("ml_dtypes").attr("bfloat16"));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_ImportError)) throw;
    throw Error(ErrorCode::MISSING_FEATURE, "NumPy has no bfloat16 of its own", "the package ml_dtypes, which adds it",
                "no such package", "pip install ml_dtypes, or cast: x.astype('float32')");
  }
}

[[noreturn]] void refuse_dtype(const py::dtype& dtype, const char* what) {
  const std::string got = py::str(static_cast<const py::object&>(dtype)).cast<std::string>();
  std::string mend = "convert it with .astype()";
  if (dtype.byteorder() == '>') mend = "swap its bytes: a.astype(a.dtype.newbyteorder('='))";
  if (dtype.kind() == 'M' || dtype.kind() == 'm') mend = "convert it: a.astype('int64')";
  throw Error(ErrorCode::BAD_DTYPE, std::string(what) + " has a dtype that devices do not know",
              "bool, (u)int8 to (u)int64, float16 to float64, bfloat16, complex64 or complex128 in native byte order",
              got, mend);
}

}  // namespace

std::string describe_value(py::handle value) {
  if (!py::isinstance<py::array>(value)) return std::string(Py_TYPE(value.ptr())->tp_name);
  const auto array = py::reinterpret_borrow<py::array>(value);
  return "ndarray " + py::str(static_cast<const py::object&>(array.dtype())).cast<std::string>() + " " +
         py::str(py::object(array.attr("shape"))).cast<std::string>();
}

HostArray check_numbers(py::handle value, const char* what) {
  HostArray host = check_ndarray(value, what);
  if (host.dtype == DType::bfloat16)
    throw Error(ErrorCode::BAD_DTYPE,
                std::string(what) + " is of bfloat16, which arrays of vulkan_forge.numpy know alone",
                "float32, or another dtype of NumPy's own", "bfloat16", "convert it: a.astype('float32')");
  return host;
}

void refuse_masked(py::handle value, const char* what) {
  if (py::hasattr(value, "mask") && py::hasattr(value, "filled"))
    throw Error(ErrorCode::BAD_TYPE, std::string(what) + " is a masked array, whose mask would be lost",
                "a plain ndarray", "numpy.ma.MaskedArray", "decide what masked values become: a.filled(value)");
}

HostArray check_ndarray(py::handle value, const char* what) {
  if (!py::isinstance<py::array>(value))
    throw Error(ErrorCode::BAD_TYPE, std::string(what) + " is not a NumPy array", "numpy.ndarray",
                describe_value(value),
                py::hasattr(value, "__dlpack__") ? "take it with vf.from_dlpack" : "make one with numpy.asarray");
  refuse_masked(value, what);
  const auto array = py::reinterpret_borrow<py::array>(value);
  const auto dtype = known_dtype(array.dtype());
  if (!dtype) refuse_dtype(array.dtype(), what);
  HostArray host;
  host.dtype = *dtype;
  if (array.ndim() > static_cast<py::ssize_t>(kMaxDims))
    throw Error(ErrorCode::BAD_SHAPE, std::string(what) + " has too many dimensions", "at most 8",
                std::to_string(array.ndim()));
  for (py::ssize_t i = 0; i < array.ndim(); ++i) {
    host.shape.push_back(array.shape(i));
    host.strides.push_back(array.strides(i));
  }
  host.data = const_cast<void*>(array.data());
  host.writable = array.writeable();
  return host;
}

DType to_dtype(py::handle value, const char* what) {
  py::dtype dtype;
  if (py::isinstance<py::str>(value) && value.cast<std::string>() == kBrain) return DType::bfloat16;
  try {
    dtype = py::dtype::from_args(py::reinterpret_borrow<py::object>(value));
  } catch (const py::error_already_set& error) {
    throw_as(ErrorCode::BAD_DTYPE, error, what, "what numpy.dtype() takes");
  }
  const auto known = known_dtype(dtype);
  if (!known) refuse_dtype(dtype, what);
  return *known;
}

py::dtype numpy_dtype(DType dtype) {
  if (dtype == DType::bfloat16) return brain_dtype();
  return py::dtype(std::string(dtype_row(dtype).numpy));
}

Dims to_dims(py::handle value, const char* what) {
  const auto is_integer = [](py::handle item) {  // every ndarray claims to be one
    return PyIndex_Check(item.ptr()) && (!py::isinstance<py::array>(item) || item.attr("ndim").cast<int>() == 0);
  };
  const auto integer = [&](py::handle item) {
    if (!is_integer(item))
      throw Error(ErrorCode::BAD_TYPE, std::string(what) + " must be integers", "int or a sequence of int",
                  describe_value(item));
    const Py_ssize_t number = PyNumber_AsSsize_t(item.ptr(), nullptr);  // beyond 2**63 - 1: that, which no limit allows
    if (number == -1 && PyErr_Occurred())
      throw_as(ErrorCode::BAD_TYPE, py::error_already_set(), std::string(what) + " must be integers",
               "int or a sequence of int");
    if (number < 0)
      throw Error(ErrorCode::BAD_SHAPE, std::string(what) + " must not be negative", ">= 0", std::to_string(number));
    return static_cast<int64_t>(number);
  };
  if (is_integer(value)) return Dims{integer(value)};
  if (!py::isinstance<py::sequence>(value))
    throw Error(ErrorCode::BAD_TYPE, std::string(what) + " must be integers", "int or a sequence of int",
                describe_value(value));
  Dims dims;
  const auto items = py::reinterpret_borrow<py::sequence>(value);
  if (items.size() > kMaxDims)
    throw Error(ErrorCode::BAD_SHAPE, std::string(what) + " has too many entries", "at most 8",
                std::to_string(items.size()));
  for (const auto item : items) dims.push_back(integer(item));
  return dims;
}

py::tuple to_tuple(const Dims& dims) {
  py::tuple tuple(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) tuple[i] = dims[i];
  return tuple;
}

}  // namespace forge::bind
