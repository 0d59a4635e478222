#pragma once

#include <array>
#include <limits>
#include <string>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::graphics {

/// What windows of 3 x 3 cells can be asked; measures.def says what each means.
enum class Measure : unsigned char {
#define FORGE_MEASURE(name, needs, text) name,
#include "forge/graphics/raster/measures.def"
#undef FORGE_MEASURE
};

/// The measure of this name; throws INVALID_ARGUMENT.
Measure measure_of(const std::string& name);

struct RasterWindow {
  bool zevenbergen_thorne = false;  // the gradient of Zevenbergen and Thorne instead of Horn's
  bool edges = false;               // windows that reach beyond the raster or over holes count
  float per_east = 1;               // from the gradient's weighted differences to slopes
  float per_north = 1;
  float nodata = std::numeric_limits<float>::quiet_NaN();  // holes, beside NaN
  float fill = std::numeric_limits<float>::quiet_NaN();    // what they get
  std::array<float, 4> a{}, b{};    // of the measure
};

/// One measure of all cells (rows, columns): float32, or uint8 rounded to the nearest.
array::Array measure_windows(vk::Commands& commands, const array::Array& heights, Measure measure,
                             const RasterWindow& window, DType out = DType::float32);

}  // namespace forge::graphics
