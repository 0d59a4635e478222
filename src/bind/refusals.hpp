#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

/// Makes an ArgumentTypeError, in words of Python, of the TypeError with which pybind11 refuses arguments that fit none of a
/// function's signatures. Call it when everything is bound; a call that fits pays for one branch.
void bind_refusals(pybind11::module_& module);

}  // namespace forge::bind
