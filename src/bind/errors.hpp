#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

/// Makes forge::Error arrive in Python as the class that errors.def names for its code.
void bind_errors(pybind11::module_& module);

/// Sets the Python error for the exception in flight; for slots that pybind11 does not wrap.
void set_python_error() noexcept;

}  // namespace forge::bind
