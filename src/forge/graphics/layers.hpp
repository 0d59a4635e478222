#pragma once

#include <memory>

#include "forge/vk/commands.hpp"

namespace forge::graphics {

/// Colours of all that is seen through, as lists of each sample, which are sorted by depth when all are there: surfaces
/// may cross, and come in any order. Fragment shaders put them there (shaders/include/layers.glsl).
class Layers {
 public:
  Layers(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height)
      : device_(std::move(device)), width_(width), height_(height) {}

  struct Refs {
    vk::BufferRef heads;  // (height, width) uint32: the latest fragment of each sample
    vk::BufferRef fragments;  // a count, then colours with depth and the one before
    uint32_t capacity;  // fragments that there is room for
  };
  /// Empties the lists at a frame's first call. Throws MISSING_FEATURE where shaders of fragments cannot write.
  Refs record(vk::Commands& commands);
  bool is_used() const { return used_; }
  Refs refs() const { return {heads_, fragments_, static_cast<uint32_t>(capacity_)}; }  // of a frame that uses them

  /// Before a frame is recorded.
  void begin() { used_ = false; }
  /// Records the look at how many there were.
  void record_count(vk::Commands& commands);
  /// Once the submission has passed: true where all had room; else there is room now, and the frame is drawn again.
  bool had_room();

 private:
  void make_room(uint64_t fragments);

  std::shared_ptr<vk::Device> device_;
  uint32_t width_, height_;
  bool used_ = false;
  uint64_t capacity_ = 0;
  std::shared_ptr<vk::Buffer> heads_, fragments_, count_;
};

}  // namespace forge::graphics
