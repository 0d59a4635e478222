#include "forge/graphics/land/grid.hpp"

#include <algorithm>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge/graphics/land/host_means.hpp"
#include "forge/graphics/variant.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/land/fine_heights.hpp"
#include "forge_shaders/land/pool_heights.hpp"
#include "forge_shaders/land/work_heights.hpp"

namespace forge::graphics {

namespace {

constexpr uint64_t kPiece = 256ULL << 20;       // bytes of the raster at once
constexpr uint64_t kMostCoarse = 400'000;       // cells that look for their horizons

uint32_t divided(uint32_t count, uint32_t by) { return (count + by - 1) / by; }

std::shared_ptr<vk::Buffer> cells_on(const std::shared_ptr<vk::Device>& device, uint64_t count, const char* label) {
  return vk::Buffer::create(device, std::max<uint64_t>(count, 1) * sizeof(float), vk::Memory::device, label);
}

/// Rows of the raster where the device can read them.
struct Piece {
  vk::BufferRef source;
  bool is_copy;
};

Piece piece_of(const std::shared_ptr<vk::Device>& device, const Relief& relief, uint32_t first, uint32_t rows) {
  const float* from = relief.heights + uint64_t{first} * relief.columns;
  const uint64_t bytes = uint64_t{rows} * relief.columns * sizeof(float);
  try {
    return {vk::Buffer::import_host(device, const_cast<float*>(from), bytes, relief.keepalive, "raster"), false};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::MISSING_FEATURE && error.code() != ErrorCode::INTEROP) throw;
  }
  vk::BufferRef copy(vk::Buffer::create(device, bytes, vk::Memory::device, "raster"));
  vk::upload(copy, from);
  return {copy, true};
}

/// Means of some rows of the raster, which become rows of the grid. Whole words of 16 bytes are read where rows consist of them.
void record_means(vk::Commands& commands, const Relief& relief, const LandGrid& grid, const vk::BufferRef& source,
                  uint32_t rows, uint32_t first_row, uint32_t grid_rows) {
  const GridPlan& plan = grid.plan;
  const uint64_t bytes = uint64_t{rows} * relief.columns * sizeof(float);
  // As a binding sees it where it lies: elsewhere the window would be a copy.
  const uint64_t word = std::max<uint64_t>(16, commands.device().limits().storage_offset_alignment);
  const bool wide = relief.columns % 4 == 0 && (source.buffer->origin() + source.offset) % word == 0 &&
                    bytes <= array::window_limit(commands.device());
  const array::Window words = wide ? array::window_on(commands, source, 0, bytes, sizeof(float))
                                   : array::Window{vk::BufferRef(grid.heights), 0};  // not read, but bound: aligned
  using Load = k::work_heights::Variant;
  shader::dispatch(commands, variant_of<k::work_heights>(commands.device(), wide ? Load::words : Load::cells),
                   k::work_heights{.source = source,
                                   .target = grid.heights,
                                   .rows = rows,
                                   .columns = plan.window.columns,
                                   .first_column = plan.window.column,
                                   .first = words.first,
                                   .source_stride = relief.columns,
                                   .pool = {plan.pool_x, plan.pool_y},
                                   .grid_columns = plan.columns,
                                   .stride = plan.stride,
                                   .first_row = first_row,
                                   .level = static_cast<float>(grid.level),
                                   .nodata = relief.nodata,
                                   .words = words.bytes},
                   {divided(plan.columns, 64), grid_rows, 1});
}

// Where the device's memory and processor are the host's, which reads a raster at the speed of its memory.
bool host_takes_means(vk::Device& device, const LandGrid& grid) {
  return device.info().type == vk::AdapterType::cpu && grid.heights->mapped() && !array::Fuser::of(device).device_alone;
}

void take_means(const Relief& relief, const LandGrid& grid) {
  mean_heights(relief, grid.plan, grid.level, reinterpret_cast<float*>(grid.heights->mapped()));
  grid.heights->flush(0, grid.heights->size());
}

// Pieces that had to be copied are done with one after another: a device needs no room for all of a raster.
void record_pooled(vk::Commands& commands, const Relief& relief, const LandGrid& grid) {
  const GridPlan& plan = grid.plan;
  const uint64_t row_bytes = uint64_t{relief.columns} * sizeof(float);
  const uint64_t most = std::min(kPiece, array::window_limit(commands.device()));
  const auto at_once = static_cast<uint32_t>(std::clamp<uint64_t>(most / (row_bytes * plan.pool_y), 1, plan.rows));
  for (uint32_t row = 0; row < plan.rows; row += at_once) {
    const uint32_t grid_rows = std::min(at_once, plan.rows - row), first = row * plan.pool_y;
    const uint32_t rows = std::min(grid_rows * plan.pool_y, plan.window.rows - first);
    const Piece piece = piece_of(commands.device_ptr(), relief, plan.window.row + first, rows);
    if (!piece.is_copy || at_once >= plan.rows) {
      record_means(commands, relief, grid, piece.source, rows, row, grid_rows);
      continue;
    }
    vk::Commands alone(commands.device_ptr());
    record_means(alone, relief, grid, piece.source, rows, row, grid_rows);
    commands.device().wait(alone.submit());
  }
}

void record_fine(vk::Commands& commands, const Relief& relief, const LandGrid& grid) {
  const GridPlan& plan = grid.plan;
  const Window& window = plan.window;
  const uint32_t first = window.row - std::min(window.row, 2u);  // curves reach two rows beyond
  const uint32_t last = std::min(window.row + window.rows + 2, relief.rows);
  shader::dispatch(commands,
                   k::fine_heights{.source = piece_of(commands.device_ptr(), relief, first, last - first).source,
                                   .target = grid.heights,
                                   .rows = last - first,
                                   .columns = relief.columns,
                                   .first = {plan.window.column, plan.window.row - first},
                                   .parts = {plan.part_x, plan.part_y},
                                   .grid_columns = plan.columns,
                                   .stride = plan.stride,
                                   .level = static_cast<float>(grid.level),
                                   .nodata = relief.nodata},
                   {divided(plan.columns, 64), plan.rows, 1});
}

}  // namespace

std::shared_ptr<vk::Buffer> record_pool(vk::Commands& commands, const std::shared_ptr<vk::Buffer>& from, uint32_t rows,
                                        uint32_t columns, uint32_t stride, uint32_t pool, float base, float water) {
  const uint32_t coarse_rows = divided(rows, pool), coarse_columns = divided(columns, pool);
  auto to = cells_on(commands.device_ptr(), uint64_t{coarse_rows} * coarse_columns, "coarse heights");
  shader::dispatch(commands,
                   k::pool_heights{.source = from,
                                   .target = to,
                                   .rows = rows,
                                   .columns = columns,
                                   .stride = stride,
                                   .pool = pool,
                                   .coarse_columns = coarse_columns,
                                   .base = base,
                                   .water = water},
                   {divided(coarse_columns, 64), coarse_rows, 1});
  return to;
}

LandGrid record_grid(vk::Commands& commands, const Relief& relief, const GridPlan& plan, double level, float water,
                     float base) {
  LandGrid grid;
  grid.plan = plan;
  grid.level = level;
  grid.water = water;
  grid.base = base;
  grid.heights = cells_on(commands.device_ptr(), uint64_t{plan.rows} * plan.stride, "land heights");
  const vk::Scope scope(commands, "land heights");
  if (plan.part_x > 1 || plan.part_y > 1)
    record_fine(commands, relief, grid);
  else if (host_takes_means(commands.device(), grid))
    take_means(relief, grid);
  else
    record_pooled(commands, relief, grid);
  while (uint64_t{divided(plan.columns, grid.pool)} * divided(plan.rows, grid.pool) > kMostCoarse) grid.pool *= 2;
  grid.coarse_columns = divided(plan.columns, grid.pool);
  grid.coarse_rows = divided(plan.rows, grid.pool);
  grid.coarse = record_pool(commands, grid.heights, plan.rows, plan.columns, plan.stride, grid.pool, base, water);
  return grid;
}

}  // namespace forge::graphics
