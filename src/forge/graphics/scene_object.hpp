#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "forge/graphics/layers.hpp"
#include "forge/graphics/target.hpp"
#include "forge/graphics/view.hpp"

namespace forge::graphics {

/// Light of a picture: a sun with soft edges and the sky around it.
struct Light {
  Vec3 to_sun{0, 0, 1};        // unit vector, world axes
  double fill = 0.35;          // of full light that shade keeps: the sky's share
  double sun_radius_deg = 1.5; // half the angle over which shadows fade
};

/// What a frame gives to those who draw in it. Colours are linear light, premultiplied by alpha.
struct Frame {
  const View& view;
  const Light& light;
  const Target& target;   // attachment 0 "color" rgba16f, 1 "id" r32ui; reversed depth
  uint32_t supersample;   // the target has so many samples along each side of a pixel
  uint32_t id;            // what the object writes to "id"; 0 is nothing
  vk::BufferRef globals;  // view and light as shaders read them: shaders/include/frame.glsl
  Layers& layers;         // where what is seen through puts its colours
};

/// State that draws of a frame have in common: formats, and depth tested by "greater" and written.
vk::DrawState frame_state(const Frame& frame);
/// The same for draws that keep their colours in the frame's layers: they write no attachment.
vk::DrawState layer_state(const Frame& frame);

/// Draws of one object.
struct FrameDraws {
  std::vector<vk::DrawCall> opaque;
  std::vector<vk::DrawCall> transparent;  // keep colours in the frame's layers: any order is right
  std::vector<vk::DrawCall> overlay;      // blended over all that, in the order of the objects
};

/// A thing in a picture. Adding a kind of thing is one class.
class SceneObject {
 public:
  explicit SceneObject(std::shared_ptr<vk::Device> device) : device_(std::move(device)) {}
  SceneObject(const SceneObject&) = delete;
  SceneObject& operator=(const SceneObject&) = delete;
  virtual ~SceneObject() = default;

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  /// What a camera must see to see it whole.
  virtual Box bounds() const = 0;
  /// Records what its draws need (light, sorting), then says what is drawn. May be called again for the same frame.
  virtual FrameDraws record(vk::Commands& commands, const Frame& frame) = 0;
  /// What was recorded never ran: nothing of it may be counted on.
  virtual void forget_recorded() {}
  /// Held while a frame is made of it.
  std::mutex& mutex() { return mutex_; }

 private:
  std::shared_ptr<vk::Device> device_;
  std::mutex mutex_;
};

}  // namespace forge::graphics
