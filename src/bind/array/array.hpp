#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_array(pybind11::module_& module);
void bind_copy(pybind11::module_& module);
void bind_dlpack(pybind11::module_& module, pybind11::object array_class);

}  // namespace forge::bind
