#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "forge/graphics/places.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

enum class Join : uint32_t { miter, round, bevel };  // as shaders/include/lines.glsl has them
enum class Cap : uint32_t { butt = 3, square = 4, round = 1 };

/// Segments of lines by their points: the one before, both ends, the one after; where there is no other one, the end itself.
struct LineSegments {
  std::vector<std::array<uint32_t, 4>> points;
  std::vector<uint32_t> firsts;  // of each segment: the first one of its line
};

/// Cuts (count, 3) numbers into lines at what is not finite, and before each of `starts`. Points that coincide with the
/// one before are left out; a line of one place is a segment without length.
LineSegments line_segments(std::span<const double> points, std::span<const int64_t> starts, bool closed);
LineSegments line_segments(std::span<const float> points, std::span<const int64_t> starts, bool closed);

/// What lines are made of; all on their device. Colours are sRGB with straight alpha.
struct LineParts {
  Places places;
  vk::BufferRef segments;  // uint32 (count, 4)
  vk::BufferRef firsts;  // uint32 (count)
  uint32_t count = 0;  // segments
  std::optional<vk::BufferRef> colors = {};  // four bytes a point
  std::array<float, 4> color{0, 0, 0, 1};
  double width = 1.5;  // pixels
  double nudge = 1;  // pixels towards the eye, more on slopes
  Join join = Join::round;
  Cap cap = Cap::butt;
  std::vector<double> dashes = {};  // pixels of strokes and gaps in turn; none: drawn through
  bool is_transparent = false;
};

/// Lines of a width in pixels, without light.
class Lines : public SceneObject {
 public:
  static constexpr size_t kMostDashes = 16;

  Lines(std::shared_ptr<vk::Device> device, LineParts parts)
      : SceneObject(std::move(device)), parts_(std::move(parts)) {}

  Box bounds() const override { return parts_.places.box; }
  FrameDraws record(vk::Commands& commands, const Frame& frame) override;

 private:
  struct Strokes {
    vk::BufferRef style, strokes, lengths;
  };
  vk::BufferRef style(const Frame& frame) const;
  Strokes stroke(vk::Commands& commands, const Frame& frame) const;
  vk::BufferRef lengths() const;  // a uint32 for each segment
  template <class K, class... Rest>
  K arguments(const Strokes& strokes, const Frame& frame, Rest... layers) const;

  LineParts parts_;
};

}  // namespace forge::graphics
