#include "forge/graphics/raster/sight.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/graphics/raster/raster.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/raster/horizon.hpp"
#include "forge_shaders/raster/sight.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kLanes = 64;
constexpr uint64_t kMostSteps = 32'000;            // of an invocation; some CPU drivers end it at 65,535 in silence
constexpr uint64_t kStepsOfLaunch = uint64_t{1} << 32;  // drivers of screens stop launches that take seconds

struct Step {
  int32_t row, column;
  float inverse;
};

/// Calls launch(first row, groups) for bands of rows that cost about as much as a launch should.
template <class Launch>
void in_bands(const vk::Device& device, RasterSize size, uint64_t steps, const Launch& launch) {
  const auto most = device.limits().max_groups;
  const uint32_t along = (size.columns + kLanes - 1) / kLanes;
  if (along > most[0])
    throw Error(ErrorCode::LIMIT_EXCEEDED, "rows of a raster are too long for the device",
                std::to_string(uint64_t{most[0]} * kLanes), std::to_string(size.columns), "work in tiles");
  const uint64_t fit = kStepsOfLaunch / (std::max<uint64_t>(steps, 1) * size.columns);
  const auto band = static_cast<uint32_t>(std::clamp<uint64_t>(fit, 1, std::min(most[1], size.rows)));
  for (uint64_t start = 0; start < size.rows; start += band)
    launch(static_cast<uint32_t>(start),
           std::array<uint32_t, 3>{along, std::min(band, size.rows - static_cast<uint32_t>(start)), 1});
}

/// The cells nearest to a ray at every step along its longer side, each once.
void add_ray(double angle, const SkyRules& rules, std::vector<Step>& steps) {
  const double x = std::cos(angle) / rules.cell[0], y = -std::sin(angle) / rules.cell[1];  // cells a metre
  const double longer = std::max(std::abs(x), std::abs(y));
  for (uint32_t i = 1; i <= rules.radius; ++i) {
    const double column = std::round(x / longer * i), row = std::round(y / longer * i);
    const double distance = std::hypot(column * rules.cell[0], row * rules.cell[1]);
    steps.push_back({static_cast<int32_t>(row), static_cast<int32_t>(column), static_cast<float>(1 / distance)});
  }
}

template <class T>
vk::BufferRef uploaded(vk::Commands& commands, const std::vector<T>& values) {
  auto buffer = vk::Buffer::create(commands.device_ptr(), values.size() * sizeof(T), vk::Memory::upload, "rays");
  vk::upload(vk::BufferRef(buffer), values.data());
  return buffer;
}

shader::Defines sky_defines(Sky kind) {
  switch (kind) {
    case Sky::factor: return {{"SEEN", "(1.0 - rise / sqrt(1.0 + rise * rise))"}, {"LOWEST", "0.0"}};
    case Sky::ambient: return {{"SEEN", "(1.0 / (1.0 + rise * rise))"}, {"LOWEST", "0.0"}};
    case Sky::openness: break;
  }
  // a ray without a cell sees down to the horizon of a plain
  return {
      {"SEEN", "(90.0 - vf_atan(rise <= -3e38 ? 0.0 : rise) * 57.2957795)"}, {"LOWEST", "-3e38"}, {"USES_atan", "1"}};
}

/// Steps of the longest line of sight.
uint64_t longest_sight(RasterSize size, const SightRules& rules) {
  const auto [row, column] = rules.observer;
  const int64_t far = std::max({row, size.rows - 1 - row, column, size.columns - 1 - column});
  const double in_reach = std::min(double{rules.reach} / std::min(rules.cell[0], rules.cell[1]), 4e9);
  return std::min(static_cast<uint64_t>(far), static_cast<uint64_t>(in_reach));
}

void check_observer(RasterSize size, const SightRules& rules) {
  const auto [row, column] = rules.observer;
  if (row < 0 || column < 0 || row >= size.rows || column >= size.columns)
    throw Error(ErrorCode::OUT_OF_RANGE, "observer lies outside of the raster",
                "a cell of " + std::to_string(size.rows) + " rows and " + std::to_string(size.columns) + " columns",
                "row " + std::to_string(row) + ", column " + std::to_string(column));
}

}  // namespace

array::Array sky_view(vk::Commands& commands, const array::Array& heights, const SkyRules& rules) {
  const RasterSize size = raster_size(heights, "sky view");
  if (uint64_t{rules.directions} * (uint64_t{rules.radius} + 1) > kMostSteps)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "sky view with too many steps", "directions * radius up to 32000",
                std::to_string(rules.directions) + " * " + std::to_string(rules.radius), "lower one of them");
  array::Array result = array::Array::empty(commands.device_ptr(), DType::float32, heights.shape());
  if (result.size() == 0) return result;
  std::vector<Step> steps;
  std::vector<uint32_t> ends;
  for (uint32_t ray = 0; ray < rules.directions; ++ray) {
    add_ray(2 * std::numbers::pi * ray / rules.directions, rules, steps);
    ends.push_back(static_cast<uint32_t>(steps.size()));
  }
  const vk::BufferRef table = uploaded(commands, steps), ends_of_rays = uploaded(commands, ends);
  shader::Program& program = shader::program_of<k::horizon>(commands.device(), sky_defines(rules.kind));
  in_bands(commands.device(), size, steps.size(), [&](uint32_t start, std::array<uint32_t, 3> groups) {
    shader::dispatch(commands, program,
                     k::horizon{.heights = heights.bytes(),
                                .steps = table,
                                .ends = ends_of_rays,
                                .target = result.bytes(),
                                .rows = size.rows,
                                .columns = size.columns,
                                .start = start,
                                .rays = rules.directions,
                                .z_factor = rules.z_factor,
                                .nodata = rules.nodata,
                                .fill = rules.fill},
                     groups);
  });
  return result;
}

array::Array viewshed(vk::Commands& commands, const array::Array& heights, const SightRules& rules) {
  const RasterSize size = raster_size(heights, "viewshed");
  array::Array result = array::Array::empty(commands.device_ptr(), DType::float32, heights.shape());
  check_observer(size, rules);
  const uint64_t longest = longest_sight(size, rules);
  if (longest > kMostSteps)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "viewshed with too long lines of sight", "at most 32000 cells",
                std::to_string(longest), "limit the distance");
  shader::Program& program = shader::program_of<k::sight>(
      commands.device(), rules.needed ? shader::Defines{{"NEEDED", "1"}} : shader::Defines{});
  in_bands(commands.device(), size, longest, [&](uint32_t start, std::array<uint32_t, 3> groups) {
    shader::dispatch(commands, program,
                     k::sight{.heights = heights.bytes(),
                              .target = result.bytes(),
                              .rows = size.rows,
                              .columns = size.columns,
                              .start = start,
                              .most_steps = static_cast<uint32_t>(longest),
                              .observer_row = static_cast<int32_t>(rules.observer[0]),
                              .observer_column = static_cast<int32_t>(rules.observer[1]),
                              .cell = rules.cell,
                              .above = rules.above,
                              .target_above = rules.target_above,
                              .reach = rules.reach,
                              .bend = rules.bend,
                              .nodata = rules.nodata,
                              .fill = rules.fill},
                     groups);
  });
  return result;
}

}  // namespace forge::graphics
