#pragma once

#include <array>
#include <memory>
#include <optional>

#include "forge/graphics/places.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

/// What points are made of; all on their device. Colours are sRGB with straight alpha.
struct PointParts {
  Places places;
  std::optional<vk::BufferRef> colors = {};  // four bytes a point
  std::optional<vk::BufferRef> sizes = {};   // float32 a point
  double size = 1;                      // diameter: of all, or the largest of them
  bool in_world = false;                // sizes are world units, else pixels
  std::array<float, 4> color{1, 1, 1, 1};
  bool is_transparent = false;          // anywhere
};

/// Round spots, each in its own colour, without light.
class Points : public SceneObject {
 public:
  Points(std::shared_ptr<vk::Device> device, PointParts parts)
      : SceneObject(std::move(device)), parts_(std::move(parts)) {}

  Box bounds() const override { return parts_.places.box; }
  FrameDraws record(vk::Commands& commands, const Frame& frame) override;

 private:
  struct Cells;
  Cells splat(vk::Commands& commands, const Frame& frame, uint32_t flags);
  void show(const Cells& cells, const Frame& frame, FrameDraws& draws) const;
  void draw_spots(const Frame& frame, uint32_t flags, FrameDraws& draws) const;
  void draw_layers(vk::Commands& commands, const Frame& frame, uint32_t flags, FrameDraws& draws) const;
  template <class K, class... Rest>
  K spots(const Frame& frame, uint32_t flags, Rest... layers) const;

  PointParts parts_;
  std::shared_ptr<vk::Buffer> large_;  // an indirect draw, then numbers of points too large for the splatting kernel
};

}  // namespace forge::graphics
