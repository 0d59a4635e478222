#pragma once

#include <cstdint>
#include <limits>

#include "forge/graphics/matrix.hpp"

// What all things of one picture share. World axes are a map's: x east, y north, z up; units are the data's, in double.
// Devices see points relative to the eye, so coordinates of 1e7 m lose nothing.
namespace forge::graphics {

/// An axis-aligned box; one without points has low > high.
struct Box {
  static constexpr double kNone = std::numeric_limits<double>::infinity();
  Vec3 low{kNone, kNone, kNone}, high{-kNone, -kNone, -kNone};

  bool empty() const { return low[0] > high[0]; }
  void add(const Vec3& point);
  void add(const Box& box);
  Vec3 centre() const;
  double size() const;  // the diagonal; 0 of one point and of none
};

/// An eye and what it looks through: perspective, or parallel rays (a map seen from above, an axonometric block).
struct ViewOptions {
  Vec3 eye{}, target{};
  Vec3 up{0, 0, 1};
  double fovy_deg = 30;  // perspective; 0: parallel rays
  double parallel_height = 0;  // world units from the picture's lower to its upper edge, for parallel rays
  double near = 0;  // world units; 0: a thousandth of the distance to `target`
  uint32_t width = 0, height = 0;  // pixels of the finished picture
};

struct View {
  ViewOptions options;
  /// World axes relative to the eye -> clip; y up, depth reversed: 1 at `near`, 0 infinitely far (perspective) or at
  /// `far()` (parallel rays), so that float32 depth is as fine far away as close by. Tests are "greater", depth is
  /// cleared to 0.
  Mat4 clip_from_eye;
  Vec3 right{}, up{}, forward{};  // unit vectors of the picture's axes

  bool is_parallel() const { return options.fovy_deg == 0; }
  double near() const;
  double far() const;  // infinite for perspective
  /// A point's place in the picture: pixels from the upper left corner, and depth as attachments hold it. Points that
  /// are not in front of the eye have no place: NaN, with a negative depth.
  Vec3 project(const Vec3& world) const;
  /// World units a pixel covers at a point, along the picture's axes.
  double pixel_size(const Vec3& world) const;
};

/// Throws INVALID_ARGUMENT for what makes no picture.
View make_view(const ViewOptions& options);

/// A compass direction to look from: `azimuth_deg` is where the eye stands (180: in the south, north up),
/// `elevation_deg` its height over the horizon (90: from above).
struct Direction {
  double azimuth_deg = 180, elevation_deg = 38;
};

/// The unit vector towards it.
Vec3 towards(const Direction& direction);

/// What shows a whole box in `fill` of the picture, as large as it fits and in its middle; fovy_deg 0: parallel rays.
/// Throws INVALID_ARGUMENT where the box is empty or not finite.
ViewOptions frame_box(const Box& box, const Direction& from, double fovy_deg, uint32_t width, uint32_t height,
                      double fill = 0.85);

}  // namespace forge::graphics
