#pragma once

#include <array>
#include <memory>

#include "forge/graphics/land/grid.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

enum class Shadows : unsigned char { none, hard, soft };

/// How light falls on land.
struct LandShading {
  Shadows shadows = Shadows::soft;
  bool sky = true;            // hollows see less of it
  double sky_strength = 1.5;  // 1: as of an even sky

  bool operator==(const LandShading&) const = default;
};

/// Records what light leaves of the colours of a grid's cells, float32 (rows, stride): 1 on open level ground. `z`: world
/// units of a height.
std::shared_ptr<vk::Buffer> record_light(vk::Commands& commands, const LandGrid& grid, const Light& light,
                                         const LandShading& shading, double z);

/// What a block of land takes of the light of the ground round it.
struct GroundShade {
  std::shared_ptr<vk::Buffer> shade;  // (rows, columns), 0 to 1
  uint32_t columns = 0, rows = 0;
  std::array<double, 4> corner{};  // in the grid's cells: of the first one, then the extent
};
GroundShade record_ground(vk::Commands& commands, const LandGrid& grid, const Light& light, double height, double z);

}  // namespace forge::graphics
