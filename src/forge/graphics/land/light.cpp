#include "forge/graphics/land/light.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "forge/shader/launch.hpp"
#include "forge_shaders/land/ground_shade.hpp"
#include "forge_shaders/land/land_light.hpp"
#include "forge_shaders/land/sky_share.hpp"
#include "forge_shaders/land/sun_sweep.hpp"

namespace forge::graphics {

namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kLeastRadius = 0.05 * kRadians;   // a point's shadow would be a staircase
constexpr double kHardRadius = 0.27 * kRadians;    // the real sun's
constexpr double kLeastElevation = 0.2 * kRadians;
constexpr int kSlices = 5;                         // upright ones of the sun's disc
constexpr uint32_t kFarPool = 4;
constexpr uint32_t kGroundSide = 320;              // cells along the ground's longer side
constexpr double kOne = 16384;

uint32_t divided(uint32_t count, uint32_t by) { return (count + by - 1) / by; }

struct SunPlace {
  double azimuth, elevation;  // radians
};

SunPlace place_of(const Vec3& to_sun) {
  return {std::atan2(to_sun[0], to_sun[1]), std::atan2(to_sun[2], std::hypot(to_sun[0], to_sun[1]))};
}

/// One direction of the sun, and what it counts.
struct Slice {
  SunPlace sun;
  double radius;  // half its height, radians
  double weight;
};

std::vector<Slice> slices_of(const Light& light, Shadows shadows) {
  const SunPlace sun = place_of(light.to_sun);
  if (shadows == Shadows::hard) return {{sun, kHardRadius, 1}};
  const double radius = std::max(light.sun_radius_deg * kRadians, kLeastRadius);
  std::vector<Slice> slices;
  double sum = 0;
  for (int i = 0; i < kSlices; ++i) {
    const double aside = (2.0 * i + 1 - kSlices) / kSlices, half = std::sqrt(1 - aside * aside);
    slices.push_back(
        {{sun.azimuth + aside * radius / std::max(std::cos(sun.elevation), 0.1), sun.elevation}, half * radius, half});
    sum += half;
  }
  for (Slice& slice : slices) slice.weight /= sum;
  return slices;
}

void record_sweep(vk::Commands& commands, const LandGrid& grid, const std::shared_ptr<vk::Buffer>& sun,
                  const Slice& slice, double z, bool add) {
  const GridPlan& plan = grid.plan;
  // Away from the sun, in cells a world unit: east and south.
  const double u = -std::sin(slice.sun.azimuth) / plan.cell_x, v = std::cos(slice.sun.azimuth) / plan.cell_y;
  const bool by_rows = std::abs(v) >= std::abs(u);
  const double along = by_rows ? v : u, shift = (by_rows ? u : v) / std::abs(along);
  const auto stride = static_cast<int32_t>(plan.stride);
  const uint32_t steps = by_rows ? plan.rows : plan.columns, across = by_rows ? plan.columns : plan.rows;
  const int32_t along_stride = (by_rows ? stride : 1) * (along > 0 ? 1 : -1);
  const double reach = std::ceil(std::abs(shift) * (steps - 1));
  const auto drop = [&](double elevation) {
    return std::tan(std::clamp(elevation, kLeastElevation, 89.9 * kRadians)) / (std::abs(along) * z);
  };
  const double low = drop(slice.sun.elevation - slice.radius), high = drop(slice.sun.elevation + slice.radius);
  const auto lines = static_cast<uint32_t>(across + reach + 1);
  shader::dispatch(commands,
                   k::sun_sweep{.heights = grid.heights,
                                .sun = sun,
                                .lines = lines,
                                .steps = steps,
                                .across = across,
                                .along_stride = along_stride,
                                .across_stride = by_rows ? 1 : stride,
                                .start = along > 0 ? 0 : -along_stride * static_cast<int32_t>(steps - 1),
                                .first = shift > 0 ? -static_cast<int32_t>(reach * kOne) : 0,
                                .shift = static_cast<int32_t>(std::lround(shift * kOne)),
                                .drop_low = static_cast<float>(low),
                                .drop_high = static_cast<float>((low + high) / 2),
                                .spread = static_cast<float>(std::max(high - low, 1e-30)),
                                .weight = static_cast<float>(slice.weight),
                                .water = grid.water,
                                .add = add ? 1u : 0u},
                   {divided(lines, 64), 1, 1});
}

std::shared_ptr<vk::Buffer> record_sky(vk::Commands& commands, const LandGrid& grid, double z, double strength) {
  const auto far = record_pool(commands, grid.coarse, grid.coarse_rows, grid.coarse_columns, grid.coarse_columns,
                               kFarPool, grid.base, grid.water);
  auto sky = vk::Buffer::create(commands.device_ptr(), grid.coarse->size(), vk::Memory::device, "land sky");
  shader::dispatch(
      commands,
      k::sky_share{
          .heights = grid.coarse,
          .far = far,
          .sky = sky,
          .cells = {grid.coarse_columns, grid.coarse_rows},
          .far_cells = {divided(grid.coarse_columns, kFarPool), divided(grid.coarse_rows, kFarPool)},
          .far_pool = kFarPool,
          .cell = {static_cast<float>(grid.plan.cell_x * grid.pool), static_cast<float>(grid.plan.cell_y * grid.pool)},
          .z = static_cast<float>(z),
          .strength = static_cast<float>(strength)},
      {divided(grid.coarse_columns, 64), grid.coarse_rows, 1});
  return sky;
}

}  // namespace

std::shared_ptr<vk::Buffer> record_light(vk::Commands& commands, const LandGrid& grid, const Light& light,
                                         const LandShading& shading, double z) {
  const vk::Scope scope(commands, "land light");
  const GridPlan& plan = grid.plan;
  const auto& device = commands.device_ptr();
  const bool has_shadows =
      shading.shadows != Shadows::none && light.to_sun[2] >= 0 && std::hypot(light.to_sun[0], light.to_sun[1]) > 1e-3;
  auto lit = vk::Buffer::create(device, grid.heights->size(), vk::Memory::device, "land light");
  std::shared_ptr<vk::Buffer> sun = lit, sky = lit;  // not read where they are not there
  if (has_shadows) {
    sun = vk::Buffer::create(device, grid.heights->size(), vk::Memory::device, "land shadows");
    bool add = false;
    for (const Slice& slice : slices_of(light, shading.shadows)) {
      record_sweep(commands, grid, sun, slice, z, add);
      add = true;
    }
  }
  if (shading.sky) sky = record_sky(commands, grid, z, shading.sky_strength);
  shader::dispatch(commands,
                   k::land_light{.heights = grid.heights,
                                 .sun = has_shadows ? sun : grid.heights,
                                 .sky = shading.sky ? sky : grid.heights,
                                 .light = lit,
                                 .cells = {plan.columns, plan.rows},
                                 .stride = plan.stride,
                                 .sky_cells = {grid.coarse_columns, grid.coarse_rows},
                                 .per_sky = 1.0f / static_cast<float>(grid.pool),
                                 .slopes = {static_cast<float>(z / plan.cell_x), static_cast<float>(z / plan.cell_y)},
                                 .to_sun = {static_cast<float>(light.to_sun[0]), static_cast<float>(light.to_sun[1]),
                                            static_cast<float>(light.to_sun[2])},
                                 .fill = static_cast<float>(light.fill),
                                 .water = grid.water,
                                 .has_sun = has_shadows ? 1u : 0u,
                                 .has_sky = shading.sky ? 1u : 0u},
                   {divided(plan.columns, 64), plan.rows, 1});
  return lit;
}

GroundShade record_ground(vk::Commands& commands, const LandGrid& grid, const Light& light, double height, double z) {
  const GridPlan& plan = grid.plan;
  const double width = plan.extent_u * plan.cell_x, depth = plan.extent_v * plan.cell_y, side = std::max(width, depth);
  const double elevation = std::max(place_of(light.to_sun).elevation, 5 * kRadians);
  const double margin = std::clamp(1.2 * height / std::tan(elevation), 0.25 * side, 1.0 * side) + 1.5 * height;
  const double cell = (side + 2 * margin) / kGroundSide;
  GroundShade ground;
  ground.columns = static_cast<uint32_t>(std::ceil((width + 2 * margin) / cell));
  ground.rows = static_cast<uint32_t>(std::ceil((depth + 2 * margin) / cell));
  ground.corner = {-margin / plan.cell_x, -margin / plan.cell_y, ground.columns * cell / plan.cell_x,
                   ground.rows * cell / plan.cell_y};
  ground.shade = vk::Buffer::create(commands.device_ptr(), uint64_t{ground.columns} * ground.rows * sizeof(float),
                                    vk::Memory::device, "ground shade");
  const auto per_pool = 1.0 / grid.pool;
  const auto f = [](double value) { return static_cast<float>(value); };
  shader::dispatch(commands,
                   k::ground_shade{.heights = grid.coarse,
                                   .shade = ground.shade,
                                   .block = {grid.coarse_columns, grid.coarse_rows},
                                   .extent = {f(plan.extent_u * per_pool), f(plan.extent_v * per_pool)},
                                   .cells = {ground.columns, ground.rows},
                                   .to_block = {f(ground.corner[0] * per_pool), f(ground.corner[1] * per_pool),
                                                f(cell / plan.cell_x * per_pool), f(cell / plan.cell_y * per_pool)},
                                   .cell = {f(plan.cell_x * grid.pool), f(plan.cell_y * grid.pool)},
                                   .base = grid.base,
                                   .z = f(z),
                                   .to_sun = {f(light.to_sun[0]), f(-light.to_sun[1]), f(light.to_sun[2])},
                                   .softness = f(std::max(light.sun_radius_deg * kRadians, kLeastRadius)),
                                   .fill = f(light.fill)},
                   {divided(ground.columns, 64), ground.rows, 1});
  return ground;
}

}  // namespace forge::graphics
