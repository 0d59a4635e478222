#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "forge/graphics/camera.hpp"
#include "forge/graphics/color_table.hpp"
#include "forge/graphics/frame.hpp"

namespace forge::graphics {

/// What the shaders read of a scene, in their order: 44 floats.
struct SceneUniforms {
  std::array<float, 16> view{}, projection{};  // column-major; y up
  std::array<float, 3> sun{};                  // unit vector
  float exposure = 1;
  float spacing = 1, height_range = 1, exaggeration = 1;
  std::array<float, 5> unused{};
};
static_assert(sizeof(SceneUniforms) == 176);

struct SceneOptions {
  uint32_t grid = 128;  // vertices a side, 2 to kMostGrid
  Lut colormap{};
  Vec3 sun{0.5, 0.8, 0.6};  // towards it, of any length but 0
};

/// A square of heights in [-1.5, 1.5] along x and z, seen by a camera.
class Scene {
 public:
  static constexpr uint32_t kMostGrid = 4096;

  /// VF_FORCE_LUT_UNORM is read here, see lut_format().
  Scene(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const SceneOptions& options);

  uint32_t width() const { return target_.width(); }
  uint32_t height() const { return target_.height(); }
  uint32_t grid() const { return grid_; }
  const std::shared_ptr<vk::Device>& device() const { return target_.device(); }
  const RenderMetrics& metrics() const { return metrics_; }
  const SceneUniforms& uniforms() const { return uniforms_; }
  LutFormat lut_format() const { return colors_.format(); }

  /// Throws as view_proj() does; the picture's own sides give the aspect.
  void set_camera(const Pose& pose, double fovy_deg, double znear, double zfar);
  /// (rows, columns), row 0 at z = -1.5; NaN and infinities are holes. Takes a copy to the device.
  void set_heights(std::span<const float> heights, size_t rows, size_t columns);

  /// Fills (height, width, 4) RGBA bytes, row 0 on top. Without heights a surface of its own is drawn.
  void render(uint8_t* pixels);

 private:
  vk::DrawCall draw_call(vk::Commands& commands);

  Target target_;
  uint32_t grid_;
  ColorTable colors_;
  SceneUniforms uniforms_;
  std::shared_ptr<vk::Buffer> uniform_buffer_;  // null: not what uniforms_ says
  std::shared_ptr<vk::Buffer> heights_;
  uint32_t rows_ = 0, columns_ = 0;
  RenderMetrics metrics_, uploads_;  // uploads_: since the last picture
};

}  // namespace forge::graphics
