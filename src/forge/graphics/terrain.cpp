#include "forge/graphics/terrain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "forge/graphics/sun.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/terrain.hpp"
#include "forge_shaders/graphics/terrain_wall.hpp"
#include "forge_shaders/terrain/relief.hpp"

namespace forge::graphics {

namespace {

constexpr double kPitchDeg = 38;       // the eye's height over the horizon: oblique, yet valleys stay open
constexpr double kFovyDeg = 30;        // long lens: the block's back edge is not much narrower than its front
constexpr double kFill = 0.96;         // of the picture's width or height
constexpr float kPenumbra = 0.03f;     // tangent of the sun's softened half width; ten times the real sun's
constexpr uint32_t kSkySteps = 16;

using Corner = std::array<double, 3>;

std::array<Corner, 8> corners_of(const TerrainExtent& e) {
  std::array<Corner, 8> corners;
  for (size_t i = 0; i < 8; ++i)
    corners[i] = {i & 1 ? e.half_x : -e.half_x, i & 2 ? e.high : e.low, i & 4 ? e.half_z : -e.half_z};
  return corners;
}

// In a frame turned by the camera's pitch: right, up and towards the eye.
struct Turned {
  double right, up, back;
};

Turned turned(const Corner& p) {
  const double a = kPitchDeg * std::numbers::pi / 180;
  return {p[0], p[1] * std::cos(a) - p[2] * std::sin(a), p[1] * std::sin(a) + p[2] * std::cos(a)};
}

// The least distance at which every corner is inside the picture, seen along an axis `centre` up from the origin.
double distance_for(const std::array<Corner, 8>& corners, double centre, double aspect) {
  const double tangent = std::tan(kFovyDeg * std::numbers::pi / 360) * kFill;
  double distance = 0;
  for (const Corner& corner : corners) {
    const Turned t = turned(corner);
    distance = std::max(
        {distance, t.back + std::abs(t.right) / (tangent * aspect), t.back + std::abs(t.up - centre) / tangent});
  }
  return distance;
}

// How much farther the block reaches above the picture's middle than below it, as a tangent.
double imbalance(const std::array<Corner, 8>& corners, double centre, double distance) {
  double above = -1e300, below = -1e300;
  for (const Corner& corner : corners) {
    const Turned t = turned(corner);
    above = std::max(above, (t.up - centre) / (distance - t.back));
    below = std::max(below, (centre - t.up) / (distance - t.back));
  }
  return above - below;
}

}  // namespace

Framing frame_from_south(const TerrainExtent& extent, double aspect) {
  // Seen from the block's own middle: heights far from zero (a plateau with cells of millimetres) stay exact.
  const double level = (extent.low + extent.high) / 2;
  const auto corners = corners_of({extent.half_x, extent.half_z, extent.low - level, extent.high - level});
  double low = std::numeric_limits<double>::max(), high = -low;
  for (const Corner& corner : corners) {
    low = std::min(low, turned(corner).up);
    high = std::max(high, turned(corner).up);
  }
  // Nearer cameras see the front edge lower: the middle follows by bisection, with the distance that each middle needs.
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (imbalance(corners, middle, distance_for(corners, middle, aspect) + 1e-9) > 0 ? low : high) = middle;
  }
  const double up = (low + high) / 2, distance = std::max(distance_for(corners, up, aspect), 1e-6);
  const double a = kPitchDeg * std::numbers::pi / 180;
  // Back from the turned frame: up is (0, cos a, -sin a), towards the eye is (0, sin a, cos a).
  const Vec3 target{0, level + up * std::cos(a), -up * std::sin(a)};
  const Vec3 eye{0, target[1] + distance * std::sin(a), target[2] + distance * std::cos(a)};
  double nearest = std::numeric_limits<double>::max(), farthest = 0;
  for (const Corner& corner : corners) {
    nearest = std::min(nearest, distance - turned(corner).back);
    farthest = std::max(farthest, distance - turned(corner).back);
  }
  const double size = std::max({extent.half_x, extent.half_z, extent.high - extent.low, 1e-6});
  return {{eye, target, {0, 1, 0}},
          {kFovyDeg, aspect, std::max(nearest - 0.1 * size, 0.1 * nearest), farthest + 0.1 * size, "wgpu"}};
}

void TerrainPass::set_spacing(double cell_x, double cell_z) {
  cell_x_ = cell_x;
  cell_z_ = cell_z;
}

void TerrainPass::set_heights(const HeightField& field) {
  rows_ = static_cast<uint32_t>(field.rows());
  columns_ = static_cast<uint32_t>(field.columns());
  const HeightStats stats = field.statistics();
  lowest_ = std::isfinite(stats.min) ? stats.min : 0;
  highest_ = std::isfinite(stats.max) ? stats.max : 0;
  slope_factor_ = slope_factor(field.values(), field.rows(), field.columns(), cell_x_, cell_z_);
  heights_ = vk::Buffer::create(device_, field.values().size_bytes(), vk::Memory::device, "terrain heights");
  shade_ = vk::Buffer::create(device_, field.values().size_bytes(), vk::Memory::device, "terrain light");
  vk::upload(vk::BufferRef(heights_), field.values().data());
  lit_with_.reset();
}

TerrainExtent TerrainPass::extent(const TerrainStyle& style) const {
  TerrainExtent e{std::max(0.5 * (columns_ - 1) * cell_x_, 0.5 * cell_x_),
                  std::max(0.5 * (rows_ - 1) * cell_z_, 0.5 * cell_z_), lowest_, highest_};
  // The walls' foot lies a little under the lowest point, so that the block has a body.
  if (style.walls) e.low -= 0.12 * (highest_ - lowest_) + 0.02 * std::min(e.half_x, e.half_z);
  return e;
}

// One vertex a sample up to two for a pixel along the longer side: beyond that triangles are smaller than samples.
uint32_t TerrainPass::mesh_step(const Target& target) const {
  const uint32_t most = 2 * std::max(target.width(), target.height());
  return std::max(1u, (std::max(rows_, columns_) + most - 1) / most);
}

void TerrainPass::record_light(vk::Commands& commands, const TerrainStyle& style) {
  const std::array<double, 5> wanted{style.sun.elevation_deg, style.sun.azimuth_deg, style.ambient,
                                     style.cast_shadows ? 1.0 : 0.0, style.sky ? 1.0 : 0.0};
  if (lit_with_ == wanted) return;
  const auto sun = sun_direction(style.sun.elevation_deg, style.sun.azimuth_deg);
  const vk::Scope scope(commands, "terrain relief");
  shader::dispatch(
      commands,
      k::relief{.heights = heights_,
                .shade = shade_,
                .rows = rows_,
                .columns = columns_,
                .cell_x = static_cast<float>(cell_x_),
                .cell_z = static_cast<float>(cell_z_),
                .sun = {static_cast<float>(sun[0]), static_cast<float>(sun[1]), static_cast<float>(sun[2])},
                .slope_factor = static_cast<float>(slope_factor_),
                .ambient = static_cast<float>(style.ambient),
                .highest = static_cast<float>(highest_),
                .softness = style.cast_shadows ? kPenumbra : 0.0f,
                .sky_steps = style.sky ? kSkySteps : 0u},
      shader::groups_for<k::relief>(*device_, columns_, rows_));
  lit_with_ = wanted;
}

std::vector<vk::DrawCall> TerrainPass::record(vk::Commands& commands, const Target& target, const TerrainStyle& style,
                                              const Mat4& view_proj, HeightRange colors) {
  const vk::TextureRef lut = colors_.record(commands);
  record_light(commands, style);
  vk::DrawState state;
  target.describe(state);
  state.topology = vk::Topology::triangle_strip;
  state.depth_test = state.depth_write = true;
  const std::string key = "strip " + target.key();
  const uint32_t step = mesh_step(target);
  const auto vertices = [step](uint32_t samples) { return (samples + step - 2) / step + 1; };
  const k::terrain surface{.view_proj = view_proj.column_major(),
                           .heights = heights_,
                           .shade = shade_,
                           .rows = rows_,
                           .columns = columns_,
                           .step = step,
                           .cell_x = static_cast<float>(cell_x_),
                           .cell_z = static_cast<float>(cell_z_),
                           .low = colors.low,
                           .inverse_range = 1.0f / (colors.high - colors.low),
                           .exposure = static_cast<float>(style.exposure),
                           .tone = static_cast<uint32_t>(style.tone),
                           .base = static_cast<float>(extent(style).low),
                           .lut = lut};
  std::vector<vk::DrawCall> calls;
  calls.push_back(shader::draw_call(*device_, surface, key, state));
  calls.back().count = 2 * vertices(columns_);
  calls.back().instances = vertices(rows_) - 1;
  if (style.walls) {
    const k::terrain_wall walls{.view_proj = surface.view_proj,
                                .heights = surface.heights,
                                .shade = surface.shade,
                                .rows = surface.rows,
                                .columns = surface.columns,
                                .step = surface.step,
                                .cell_x = surface.cell_x,
                                .cell_z = surface.cell_z,
                                .low = surface.low,
                                .inverse_range = surface.inverse_range,
                                .exposure = surface.exposure,
                                .tone = surface.tone,
                                .base = surface.base};
    calls.push_back(shader::draw_call(*device_, walls, key, state));
    calls.back().count = 2 * std::max(vertices(columns_), vertices(rows_));
    calls.back().instances = 4;
  }
  return calls;
}

}  // namespace forge::graphics
