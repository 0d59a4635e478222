#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "forge/graphics/frame.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

struct StageOptions {
  uint32_t width = 0, height = 0;  // pixels
  uint32_t supersample = 2;        // samples along each side of a pixel, 1 to 8
};

/// What becomes of samples on their way to pixels.
struct Finish {
  std::array<float, 4> background{1, 1, 1, 1};  // sRGB with straight alpha
  double eye_dome = 0;  // how much what lies behind its neighbours is darkened
};

/// Draws objects into one picture: all that is opaque, then all that is seen through, then pixels of the samples.
class Stage {
 public:
  /// Throws INVALID_ARGUMENT or LIMIT_EXCEEDED for sizes that cannot be.
  Stage(std::shared_ptr<vk::Device> device, const StageOptions& options);

  uint32_t width() const { return options_.width; }
  uint32_t height() const { return options_.height; }
  uint32_t supersample() const { return options_.supersample; }
  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const RenderMetrics& metrics() const { return metrics_; }

  using Objects = std::span<const std::shared_ptr<SceneObject>>;
  /// Fills (height, width, 4) RGBA bytes: sRGB, straight alpha, row 0 on top.
  void render(Objects objects, const View& view, const Light& light, const Finish& finish, uint8_t* pixels);

  /// Of the last picture, one sample a pixel: depths as View::project gives them (0: nothing there), or numbers of
  /// objects from 1 (0: none). Throws WRONG_STATE before the first picture.
  void read_depth(float* depths) const;
  void read_ids(uint32_t* ids) const;

 private:
  void draw_once(Objects objects, const View& view, const Light& light, const Finish& finish);
  vk::BufferRef globals(const View& view, const Light& light) const;
  void composite(vk::Commands& commands, std::vector<vk::DrawCall> overlay) const;
  void resolve(vk::Commands& commands, const View& view, const Finish& finish, const vk::BufferRef& globals) const;
  void read(Plane plane, uint32_t* words) const;

  std::shared_ptr<vk::Device> device_;
  StageOptions options_;
  Target target_;
  Layers layers_;
  std::shared_ptr<vk::Buffer> pixels_;
  RenderMetrics metrics_;
  bool is_drawn_ = false;
};

}  // namespace forge::graphics
