#pragma once

#include <pybind11/pybind11.h>

#include "forge/graphics/colormap.hpp"

namespace forge::bind {

/// A name, or (N, 3 or 4) colours as uint8 or as floats from 0 to 1, spread evenly over the range.
graphics::Lut to_lut(pybind11::handle colormap);

}  // namespace forge::bind
