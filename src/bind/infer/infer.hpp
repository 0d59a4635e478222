#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_onnx(pybind11::module_& module);

}  // namespace forge::bind
