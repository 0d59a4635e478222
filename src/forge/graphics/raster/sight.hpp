#pragma once

#include <array>
#include <limits>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::graphics {

enum class Sky : unsigned char {
  factor,    // 1 less the mean sine of the horizons
  ambient,   // mean squared cosine of the horizons
  openness,  // mean degrees from the zenith to the horizons, which may lie below the cell
};

struct SkyRules {
  Sky kind = Sky::factor;
  uint32_t directions = 16;  // evenly around, the first east
  uint32_t radius = 10;      // cells
  std::array<double, 2> cell{1, 1};
  float z_factor = 1;
  float nodata = std::numeric_limits<float>::quiet_NaN();
  float fill = std::numeric_limits<float>::quiet_NaN();
};

/// How much of the sky each cell sees, float32 (rows, columns). Throws LIMIT_EXCEEDED for longer rays than a loop may be.
array::Array sky_view(vk::Commands& commands, const array::Array& heights, const SkyRules& rules);

struct SightRules {
  std::array<int64_t, 2> observer{};  // row and column, inside
  std::array<float, 2> cell{1, 1};
  float above = 0;  // eye over ground
  float target_above = 0;  // what is looked at over ground
  float reach = std::numeric_limits<float>::infinity();
  float bend = 0;  // how far the ground falls off by a unit's distance squared
  bool needed = false;  // how high above the ground instead of whether
  float nodata = std::numeric_limits<float>::quiet_NaN();
  float fill = std::numeric_limits<float>::quiet_NaN();
};

/// 1 where the observer sees a cell, else 0; float32 (rows, columns). Throws OUT_OF_RANGE for an observer outside,
/// LIMIT_EXCEEDED where a line of sight would be longer than a loop may be.
array::Array viewshed(vk::Commands& commands, const array::Array& heights, const SightRules& rules);

}  // namespace forge::graphics
