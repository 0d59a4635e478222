#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_kernel(pybind11::module_& module);
void bind_recorder(pybind11::module_& module);

}  // namespace forge::bind
