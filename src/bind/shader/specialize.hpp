#pragma once

#include <pybind11/pybind11.h>

#include <map>
#include <string>

#include "forge/shader/callable.hpp"

namespace forge::bind {

/// Values of specialisation constants, by name.
std::map<std::string, shader::Number> to_spec(const pybind11::dict& given);

}  // namespace forge::bind
