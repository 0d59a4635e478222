#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

class PyArray;

void bind_array(pybind11::module_& module);
void bind_copy(pybind11::module_& module);
void bind_host_replay(pybind11::module_& module);
void bind_elementwise(pybind11::module_& module);
void bind_views(pybind11::module_& module);
void bind_operators(pybind11::class_<PyArray>& cls);
void bind_indexing(pybind11::class_<PyArray>& cls);
void bind_description(pybind11::class_<PyArray>& cls);
void bind_methods(pybind11::class_<PyArray>& cls);
void bind_dlpack(pybind11::module_& module, pybind11::object array_class);

}  // namespace forge::bind
