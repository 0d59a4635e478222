#pragma once

#include <memory>
#include <optional>
#include <string>

#include "forge/graphics/frame.hpp"
#include "forge/graphics/terrain.hpp"

namespace forge::graphics {

/// Pictures of one size: the reference triangle, and a terrain lit by the sun.
class Renderer {
 public:
  /// VF_FORCE_LUT_UNORM is read here, see lut_format().
  Renderer(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height);

  uint32_t width() const { return width_; }
  uint32_t height() const { return height_; }
  std::string info() const;
  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const RenderMetrics& metrics() const { return metrics_; }

  /// Each fills (height, width, 4) RGBA bytes, row 0 on top.
  void render_triangle(uint8_t* pixels);
  void render_terrain(uint8_t* pixels);

  void add_terrain(HeightField field, double cell_x, double cell_z, const Lut& colormap);
  HeightField& field();  // throws WRONG_STATE without a terrain
  bool has_terrain() const { return field_.has_value(); }
  TerrainStyle& style() { return style_; }
  void changed() { ++version_; }  // heights were changed in place
  void set_camera(const Pose& pose, const Lens& lens);
  void reset_camera() { camera_.reset(); }
  void set_background(std::array<float, 4> linear) { background_ = linear; }

  // -- the height texture: what was last uploaded, whatever happens to the heights after --
  void upload_height_texture();
  bool has_height_texture() const { return texture_ != nullptr; }
  void read_height_texture(float* heights) const;  // zeros where nothing was uploaded

 private:
  Target& target(uint32_t samples);

  std::shared_ptr<vk::Device> device_;
  uint32_t width_, height_;
  LutFormat lut_format_;
  std::unique_ptr<Target> plain_, smooth_;
  std::shared_ptr<vk::Buffer> triangle_;
  std::optional<HeightField> field_;
  std::unique_ptr<TerrainPass> terrain_;
  uint64_t version_ = 1, drawn_version_ = 0;
  std::shared_ptr<vk::Buffer> texture_;
  TerrainStyle style_;
  std::optional<Framing> camera_;
  std::array<float, 4> background_{0.87f, 0.905f, 0.94f, 1.0f};
  RenderMetrics metrics_;
};

}  // namespace forge::graphics
