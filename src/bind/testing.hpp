#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

/// The submodule `_testing`: made-up devices, injected faults and counters, for the test suite alone.
void bind_testing(pybind11::module_& module);

}  // namespace forge::bind
