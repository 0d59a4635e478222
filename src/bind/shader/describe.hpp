#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "forge/shader/callable.hpp"

// What kernels and pipelines say of their arguments.
namespace forge::bind {

/// A dict an argument: name, type, access, kind, count.
pybind11::list parameters_of(const shader::Callable& callable);
/// The NumPy dtype of an argument in the shader's memory; throws ARGUMENT_NAMES where there is none of this name.
pybind11::dtype dtype_of(const shader::Callable& callable, const std::string& name, pybind11::handle length);

}  // namespace forge::bind
