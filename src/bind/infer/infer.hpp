#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_llm(pybind11::module_& module);
/// Behind bind_testing: adds to its submodule.
void bind_llm_testing(pybind11::module_& module);
void bind_onnx(pybind11::module_& module);

}  // namespace forge::bind
