#pragma once

#include <memory>
#include <optional>
#include <string>

#include "forge/graphics/camera.hpp"
#include "forge/graphics/color_table.hpp"
#include "forge/graphics/heights.hpp"
#include "forge/graphics/target.hpp"

namespace forge::graphics {

struct Sun {
  double elevation_deg = 45;
  double azimuth_deg = 315;  // the compass's: 0 north, 90 east
};

enum class Tone : unsigned char { none, reinhard };

/// How a terrain looks; heights and spacing are world units.
struct TerrainStyle {
  Sun sun;
  double exposure = 1;
  Tone tone = Tone::none;
  double ambient = 0.25;
  bool cast_shadows = true;
  bool sky = true;
  bool walls = true;
};

/// Where a terrain lies in space: a block centred on the origin, x east, y up, z south.
struct TerrainExtent {
  double half_x = 0, half_z = 0;
  double low = 0, high = 0;
};

/// A camera that sees all of a block from the south, symmetric in x, as large as it fits.
struct Framing {
  Pose pose;
  Lens lens;
};
Framing frame_from_south(const TerrainExtent& extent, double aspect);

/// Heights on the device with their light, ready to be drawn.
class TerrainPass {
 public:
  TerrainPass(std::shared_ptr<vk::Device> device, LutFormat format)
      : device_(std::move(device)), colors_(device_, format) {}

  void set_spacing(double cell_x, double cell_z);
  /// Takes a copy to the device; light is worked out anew at the next draw.
  void set_heights(const HeightField& field);
  /// 256 entries as sRGB bytes, from the lowest height to the highest.
  void set_colormap(const Lut& srgb) { colors_.set(srgb); }
  bool has_heights() const { return heights_ != nullptr; }
  /// Light and colours are made anew at the next draw: what was recorded of them never ran.
  void forget_recorded() { lit_with_.reset(), colors_.forget_recorded(); }
  TerrainExtent extent(const TerrainStyle& style) const;

  /// Records light (where it changed) and the draw calls.
  std::vector<vk::DrawCall> record(vk::Commands& commands, const Target& target, const TerrainStyle& style,
                                   const Mat4& view_proj, HeightRange colors);

 private:
  void record_light(vk::Commands& commands, const TerrainStyle& style);
  uint32_t mesh_step(const Target& target) const;

  std::shared_ptr<vk::Device> device_;
  ColorTable colors_;
  std::shared_ptr<vk::Buffer> heights_, shade_;
  uint32_t rows_ = 0, columns_ = 0;
  double cell_x_ = 1, cell_z_ = 1;
  double lowest_ = 0, highest_ = 0;
  double slope_factor_ = 1;
  std::optional<std::array<double, 5>> lit_with_;  // what the light in shade_ was worked out for
};

}  // namespace forge::graphics
