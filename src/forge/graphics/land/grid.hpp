#pragma once

#include <memory>

#include "forge/graphics/land/relief.hpp"
#include "forge/vk/commands.hpp"

namespace forge::graphics {

/// Heights of a plan's cells on the device, and coarser ones. They count from `level`; NaN is a hole.
struct LandGrid {
  GridPlan plan;
  double level = 0;
  float water = 0;                       // level of its surface, far below everything where there is none
  float base = 0;                        // what holes are for those who look over them
  std::shared_ptr<vk::Buffer> heights;   // (rows, stride)
  uint32_t pool = 2;                     // cells a side of a coarse one
  uint32_t coarse_columns = 0, coarse_rows = 0;
  std::shared_ptr<vk::Buffer> coarse;    // (coarse_rows, coarse_columns)
};

/// Records heights of a grid. The raster is read in pieces, in place where the device sees host memory.
LandGrid record_grid(vk::Commands& commands, const Relief& relief, const GridPlan& plan, double level, float water,
                     float base);

/// Means of squares of cells; holes are as high as the base, and water hides what is under it.
std::shared_ptr<vk::Buffer> record_pool(vk::Commands& commands, const std::shared_ptr<vk::Buffer>& from, uint32_t rows,
                                        uint32_t columns, uint32_t stride, uint32_t pool, float base, float water);

}  // namespace forge::graphics
