#include "bind/graphics/arrays.hpp"

#include <limits>
#include <optional>

#include "bind/whole.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

/// None for what is no number.
std::optional<double> number_of(py::handle value) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (!PyErr_Occurred()) return number;
  const bool is_huge = PyErr_ExceptionMatches(PyExc_OverflowError);
  if (!is_huge && !PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
  PyErr_Clear();
  if (!is_huge) return std::nullopt;
  return std::numeric_limits<double>::infinity();  // an int beyond float: the range check will name it
}

}  // namespace

std::filesystem::path to_path(py::handle path) {
  auto plain = py::reinterpret_steal<py::object>(PyOS_FSPath(path.ptr()));
  if (!plain && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    throw Error(ErrorCode::BAD_TYPE, "path has the wrong type", "a str, bytes or os.PathLike", describe(path));
  }
  if (plain && PyUnicode_Check(plain.ptr()))
    plain = py::reinterpret_steal<py::object>(PyUnicode_EncodeFSDefault(plain.ptr()));
  if (!plain) throw py::error_already_set();
  auto bytes = plain.cast<std::string>();
  if (bytes.find('\0') != std::string::npos)
    throw Error(ErrorCode::INVALID_ARGUMENT, "path must not contain a null character");
  return bytes;
}

int64_t to_integer(py::handle value, const char* failed) {
  if (const auto number = to_index(value)) return *number;
  throw Error(ErrorCode::BAD_TYPE, failed, {}, describe(value));
}

double to_real(py::handle value, const std::string& failed) {
  if (const std::optional<double> number = number_of(value)) return *number;
  throw Error(ErrorCode::BAD_TYPE, failed, {}, describe(value));
}

std::vector<double> to_numbers(py::handle sequence, size_t count, const std::string& failed) {
  const auto refuse = [&] { return Error(ErrorCode::BAD_TYPE, failed, {}, describe(sequence)); };
  if (!PySequence_Check(sequence.ptr()) || PyUnicode_Check(sequence.ptr()) || PyBytes_Check(sequence.ptr()))
    throw refuse();
  const Py_ssize_t size = PySequence_Size(sequence.ptr());
  if (size != static_cast<Py_ssize_t>(count)) {
    PyErr_Clear();  // a 0-d array is a sequence without a length
    throw refuse();
  }
  std::vector<double> numbers;
  for (Py_ssize_t i = 0; i < size; ++i) {
    const auto item = py::reinterpret_steal<py::object>(PySequence_GetItem(sequence.ptr(), i));
    if (!item) throw py::error_already_set();
    const std::optional<double> number = number_of(item);
    if (!number) throw refuse();
    numbers.push_back(*number);
  }
  return numbers;
}

graphics::Vec3 to_vec3(py::handle sequence, const char* name) {
  const auto numbers = to_numbers(sequence, 3, std::string(name) + " must be a sequence of 3 numbers");
  return {numbers[0], numbers[1], numbers[2]};
}

std::string describe(py::handle value) {
  if (!py::isinstance<py::array>(value)) return Py_TYPE(value.ptr())->tp_name;
  const auto array = py::reinterpret_borrow<py::array>(value);
  return py::str("{} {}").format(array.dtype(), py::tuple(array.attr("shape"))).cast<std::string>();
}

}  // namespace forge::bind
