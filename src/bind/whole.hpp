#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace forge::bind {

/// What Python takes for an index: an int, a NumPy integer, a bool. None for all else, arrays with axes among it. Beyond
/// 64 bits: the nearest that they hold, which no limit allows.
std::optional<int64_t> to_index(pybind11::handle value);

/// The same without bools.
std::optional<int64_t> to_whole(pybind11::handle value);

/// The same, or an ArgumentTypeError that `what` is no integer.
int64_t need_whole(pybind11::handle value, const std::string& what);

/// One whole number, or a sequence of them.
std::vector<int64_t> to_wholes(pybind11::handle value, const std::string& what);

}  // namespace forge::bind
