#include "forge/graphics/raster/window.hpp"

#include <algorithm>
#include <sstream>

#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge/graphics/raster/raster.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/raster/window.hpp"

namespace forge::graphics {

namespace {

struct MeasureRow {
  const char* name;
  const char* needs;  // elementary functions, with commas between
  const char* text;
};

constexpr MeasureRow kMeasures[] = {
#define FORGE_MEASURE(name, needs, text) {#name, needs, text},
#include "forge/graphics/raster/measures.def"
#undef FORGE_MEASURE
};

constexpr uint32_t kCells = 4, kLanes = 64;  // cells of an invocation along a row, invocations of a workgroup
constexpr uint64_t kWanted = 1 << 14;        // invocations, before one takes several rows
constexpr uint64_t kMostRows = 16;           // of an invocation

struct Launch {
  RasterSize size;
  vk::BufferRef from, to;
  bool wide;      // rows are whole words of 16 bytes
  uint32_t each;  // rows of an invocation
  uint32_t band;  // rows at once
  size_t out_bytes;
};

/// Whether the memory starts where words of 16 bytes may, for shaders that bind it.
bool starts_word(const vk::BufferRef& memory) { return (memory.buffer->origin() + memory.offset) % 16 == 0; }

shader::Defines defines_of(Measure measure, const RasterWindow& window, DType out, bool wide) {
  const MeasureRow& row = kMeasures[static_cast<size_t>(measure)];
  shader::Defines defines{{"MEASURE", row.text}};
  std::stringstream needs(row.needs);
  for (std::string name; std::getline(needs, name, ',');) defines["USES_" + name] = "1";
  if (window.zevenbergen_thorne) defines["GRADIENT_ZT"] = "1";
  if (window.edges) defines["EDGES"] = "1";
  if (out == DType::uint8) defines["OUT_BYTE"] = "1";
  if (wide) defines["WIDE"] = "1";
  return defines;
}

uint32_t groups_along(RasterSize size) { return (size.columns + kCells * kLanes - 1) / (kCells * kLanes); }

/// Those rows that fit a binding together with their neighbours, and the grid's second axis.
uint32_t rows_at_once(const vk::Device& device, RasterSize size, uint32_t each) {
  const uint64_t fit = array::window_limit(device) / (uint64_t{size.columns} * sizeof(float));
  const auto max_groups = device.limits().max_groups;
  if (fit < 3 || groups_along(size) > max_groups[0])
    throw Error(ErrorCode::LIMIT_EXCEEDED, "rows of a raster are too long for the device", "shorter rows",
                std::to_string(size.columns) + " columns", "work in tiles");
  return static_cast<uint32_t>(std::min({fit - 2, uint64_t{max_groups[1]} * each, uint64_t{size.rows}}));
}

Launch launch_of(const array::Array& heights, RasterSize size, const array::Array& result) {
  const uint64_t rows_wanted = uint64_t{size.rows} * size.columns / kCells / kWanted;
  const auto each = static_cast<uint32_t>(std::clamp<uint64_t>(rows_wanted, 1, kMostRows));
  const vk::BufferRef from = heights.bytes(), to = result.bytes();
  const bool wide = size.columns % 4 == 0 && starts_word(from) && starts_word(to);
  return {size, from, to, wide, each, rows_at_once(heights.device(), size, each), size_of(result.dtype())};
}

void measure_band(vk::Commands& commands, shader::Program& program, const Launch& launch, const RasterWindow& window,
                  uint32_t start) {
  const auto [rows, columns] = launch.size;
  const uint32_t end = std::min(start + launch.band, rows), above = start == 0 ? 0 : start - 1;
  const uint64_t pitch = uint64_t{columns} * sizeof(float), below = std::min(end + 1, rows);
  const uint64_t out_pitch = uint64_t{columns} * launch.out_bytes;
  const array::Window source = array::window_on(commands, launch.from, above * pitch, (below - above) * pitch, 4);
  const array::Window target = array::window_on(commands, launch.to, start * out_pitch, (end - start) * out_pitch,
                                                static_cast<uint32_t>(launch.out_bytes));
  shader::dispatch(commands, program,
                   k::window{.rows = rows,
                             .columns = columns,
                             .first = source.first,
                             .target_first = target.first,
                             .bound_row = static_cast<int32_t>(above),
                             .start = start,
                             .end = end,
                             .each = launch.each,
                             .nodata = window.nodata,
                             .fill = window.fill,
                             .per_east = window.per_east,
                             .per_north = window.per_north,
                             .a = window.a,
                             .b = window.b,
                             .source = source.bytes,
                             .words = source.bytes,
                             .target = target.bytes},
                   {groups_along(launch.size), (end - start + launch.each - 1) / launch.each, 1});
}

}  // namespace

Measure measure_of(const std::string& name) {
  for (const MeasureRow& row : kMeasures)
    if (name == row.name) return static_cast<Measure>(&row - kMeasures);
  std::string names;
  for (const MeasureRow& row : kMeasures) names.append(names.empty() ? "" : ", ").append(row.name);
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown measure of a raster", names, name);
}

array::Array measure_windows(vk::Commands& commands, const array::Array& heights, Measure measure,
                             const RasterWindow& window, DType out) {
  const RasterSize size = raster_size(heights, kMeasures[static_cast<size_t>(measure)].name);
  array::Array result = array::Array::empty(commands.device_ptr(), out, heights.shape());
  if (result.size() == 0) return result;
  const Launch launch = launch_of(heights, size, result);
  shader::Program& program =
      shader::program_of<k::window>(commands.device(), defines_of(measure, window, out, launch.wide));
  for (uint64_t start = 0; start < size.rows; start += launch.band)
    measure_band(commands, program, launch, window, static_cast<uint32_t>(start));
  return result;
}

}  // namespace forge::graphics
