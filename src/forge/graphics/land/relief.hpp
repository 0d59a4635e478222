#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace forge::graphics {

/// What a raster's heights are like; holes do not count.
struct ReliefSummary {
  double low = 0, high = 0;            // of all that counts; 0 where nothing does
  double typical_low = 0, typical_high = 0;  // the 1st and 99th percentile, of a sample
  double steep = 0;                    // the slope that 19 of 20 do not reach, of a sample
  uint64_t counted = 0;                // cells that are no holes
};

/// Cells of a raster.
struct Window {
  uint32_t row = 0, column = 0, rows = 0, columns = 0;

  bool operator==(const Window&) const = default;
  bool holds(const Window& other) const;
};

/// Heights of a map as they lie in host memory: float32 (rows, columns), row 0 north, in cells of world units.
struct Relief {
  const float* heights = nullptr;
  uint32_t rows = 0, columns = 0;
  double cell_x = 1, cell_y = 1;       // world units from column to column, from row to row
  double west = 0, north = 0;          // world coordinates of the outer corner
  float nodata = std::numeric_limits<float>::quiet_NaN();  // holes, beside NaN and what is beyond 1e37
  std::shared_ptr<void> keepalive;     // of the memory
  bool solid = false;                  // known to have no holes

  uint64_t cells() const { return uint64_t{rows} * columns; }
  Window whole() const { return {0, 0, rows, columns}; }
  double width() const { return cell_x * columns; }
  double depth() const { return cell_y * rows; }
  bool is_hole(float height) const;
};

ReliefSummary summarize(const Relief& relief);

/// What heights are multiplied by so that forms are seen: typical steep slopes come to three in four, and a block is not higher
/// than a fifth of its longer side. Never below 1 but for towers.
double natural_exaggeration(const Relief& relief, const ReliefSummary& summary);

/// A grid of cells of about a pixel that stand for a raster's: either several of its cells to one, or several to one of its.
struct GridPlan {
  Window window;  // what it stands for
  uint32_t pool_x = 1, pool_y = 1;  // cells of the raster to one, east and south
  uint32_t part_x = 1, part_y = 1;  // cells to one of the raster
  uint32_t columns = 0, rows = 0;
  uint32_t stride = 0;  // values from row to row
  double cell_x = 1, cell_y = 1;  // world units
  double extent_u = 0, extent_v = 0;  // cells from edge to edge: the last ones may reach beyond

  bool operator==(const GridPlan&) const = default;
};

/// Cells close to `wanted` world units a side, at most `most` of them.
GridPlan plan_grid(const Relief& relief, const Window& window, double wanted, uint64_t most);

}  // namespace forge::graphics
