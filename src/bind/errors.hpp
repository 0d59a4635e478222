#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "forge/core/error.hpp"

namespace forge::bind {

/// Makes forge::Error arrive in Python as the class that errors.def names for its code.
void bind_errors(pybind11::module_& module);

/// Sets the Python error for the exception in flight; for slots that pybind11 does not wrap.
void set_python_error() noexcept;

/// Our error in place of the TypeError, ValueError or BufferError with which Python or NumPy refused an argument; its text
/// becomes what was got. Other errors (a KeyboardInterrupt, one of the argument's own methods) pass through.
[[noreturn]] void throw_as(ErrorCode code, const pybind11::error_already_set& refusal, std::string failed,
                           std::string expected);

}  // namespace forge::bind
