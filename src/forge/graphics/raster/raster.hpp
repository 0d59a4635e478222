#pragma once

#include <string>

#include "forge/array/array.hpp"

namespace forge::graphics {

/// Extents of a raster of heights.
struct RasterSize {
  uint32_t rows, columns;
};

/// Throws BAD_DTYPE or BAD_SHAPE unless it is float32 with two axes, LIMIT_EXCEEDED beyond 2^31 - 1 cells; `what` opens the
/// message.
RasterSize raster_size(const array::Array& heights, const std::string& what);

}  // namespace forge::graphics
