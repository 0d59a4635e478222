#include "bind/errors.hpp"

#include <new>

namespace py = pybind11;

namespace forge::bind {

namespace {

// Messages quote what users gave, which need not be UTF-8.
py::object to_text(std::string_view bytes) {
  return py::reinterpret_steal<py::object>(
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "backslashreplace"));
}

void raise_in_python(const Error& error) {
  const ErrorRow& row = error_row(error.code());
  py::dict details;
  for (const auto& [key, value] : error.details()) details[py::str(key)] = to_text(value);
  const py::object code_of_driver =
      error.vk_result() ? py::object(py::int_(error.vk_result())) : py::object(py::none());
  const py::module_ classes = py::module_::import("vulkan_forge.errors");
  const std::string name(row.python_class);
  if (!py::hasattr(classes, name.c_str())) {
    const py::object unmapped = classes.attr("UnmappedError");
    PyErr_SetObject(unmapped.ptr(), unmapped(error.what(), "UNMAPPED_ERROR", code_of_driver, details).ptr());
    return;
  }
  const py::object type = classes.attr(name.c_str());
  PyErr_SetObject(type.ptr(), type(to_text(error.what()), std::string(row.name), code_of_driver, details).ptr());
}

}  // namespace

void set_python_error() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    try {
      raise_in_python(error);
    } catch (py::error_already_set& broken) {
      broken.restore();
    }
  } catch (py::error_already_set& already) {
    already.restore();
  } catch (const py::builtin_exception& own) {  // py::buffer_error and the like
    own.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& other) {
    PyErr_SetString(PyExc_RuntimeError, other.what());
  }
}

void throw_as(ErrorCode code, const py::error_already_set& refusal, std::string failed, std::string expected) {
  const bool known =
      refusal.matches(PyExc_TypeError) || refusal.matches(PyExc_ValueError) || refusal.matches(PyExc_BufferError);
  if (!known) throw refusal;
  throw Error(code, std::move(failed), std::move(expected), py::str(refusal.value()).cast<std::string>());
}

void bind_errors(py::module_& module) {
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Error& error) {
      raise_in_python(error);
    } catch (const py::cast_error& error) {  // a value inside an argument: pybind11 would say RuntimeError
      raise_in_python({ErrorCode::BAD_TYPE, "an argument holds what cannot be used", "what the function's help says",
                       error.what()});
    } catch (const std::bad_alloc&) {
      raise_in_python({ErrorCode::OUT_OF_HOST_MEMORY, "the host has no memory for this", "less at once",
                       "an allocation that failed", "work in pieces, or free what is not needed"});
    }
  });
  module.def(
      "_error_rows",
      [] {
        py::list rows;
        for (const ErrorRow& row : error_rows())
          rows.append(py::make_tuple(std::string(row.name), std::string(row.python_class), std::string(row.meaning)));
        return rows;
      },
      "Every error code with its Python class and meaning, as (code, class name, meaning).");
}

}  // namespace forge::bind
