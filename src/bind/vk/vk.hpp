#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_device(pybind11::module_& module);
void bind_profile(pybind11::module_& module);
void bind_event(pybind11::module_& module);
void bind_buffer(pybind11::module_& module);
void bind_texture(pybind11::module_& module);

}  // namespace forge::bind
