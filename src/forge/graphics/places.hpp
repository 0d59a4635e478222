#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "forge/graphics/view.hpp"
#include "forge/vk/refs.hpp"

namespace forge::vk {
class Device;
}

namespace forge::graphics {

/// Points of an object on the device, relative to an origin of their own: what is far from zero stays exact.
struct Places {
  vk::BufferRef values;  // float32 (count, 3)
  uint64_t count = 0;
  Vec3 origin{};
  Box box;               // around the finite ones, or those of them that are drawn
  bool all_finite = true;
};

/// Around the corners of triangles, without those that have a corner nowhere.
Box box_of_faces(std::span<const double> points, std::span<const uint32_t> faces);
Box box_of_faces(std::span<const float> points, std::span<const uint32_t> faces);

/// Copies points to the device: the middle of their box is taken off in double. `drawn` is around those that count;
/// without it all do.
Places place(const std::shared_ptr<vk::Device>& device, std::span<const double> points,
             const std::optional<Box>& drawn = {});
/// As they are: float32 has no digits to lose.
Places place(const std::shared_ptr<vk::Device>& device, std::span<const float> points);
/// Those already there; `points` is the host's look at them.
Places place(const vk::BufferRef& there, std::span<const float> points);

/// The eye as seen from an origin, in two float32 parts that add up to it.
struct SplitEye {
  std::array<float, 3> eye, rest;
};
SplitEye split_eye(const View& view, const Vec3& origin);

}  // namespace forge::graphics
