#include "bind/whole.hpp"

#include <limits>

#include "bind/ndarray.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

std::optional<int64_t> to_index(py::handle value) {
  const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!index) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
    PyErr_Clear();
    return std::nullopt;
  }
  int beyond = 0;
  const long long number = PyLong_AsLongLongAndOverflow(index.ptr(), &beyond);
  if (beyond) return beyond > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  return number;
}

std::optional<int64_t> to_whole(py::handle value) { return PyBool_Check(value.ptr()) ? std::nullopt : to_index(value); }

int64_t need_whole(py::handle value, const std::string& what) {
  if (const auto number = to_whole(value)) return *number;
  throw Error(ErrorCode::BAD_TYPE, what + " is no integer", "an int", describe_value(value));
}

std::vector<int64_t> to_wholes(py::handle value, const std::string& what) {
  if (const auto one = to_whole(value)) return {*one};
  const bool sequence = py::isinstance<py::sequence>(value) && !py::isinstance<py::str>(value);
  const bool unsized = sequence && PySequence_Size(value.ptr()) < 0;  // an ndarray without axes
  if (unsized) PyErr_Clear();
  if (!sequence || unsized)
    throw Error(ErrorCode::BAD_TYPE, what + " must be integers", "an int or a sequence of int", describe_value(value));
  std::vector<int64_t> list;
  for (const auto item : py::reinterpret_borrow<py::sequence>(value))  // holds it: Arrays and ranges make each anew
    list.push_back(need_whole(item, what));
  return list;
}

}  // namespace forge::bind
