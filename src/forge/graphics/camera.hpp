#pragma once

#include <string_view>

#include "forge/graphics/matrix.hpp"

// Cameras as matrices: right-handed, y up, looking along -z. Computed in double and rounded once.
namespace forge::graphics {

/// A perspective lens. `clip_space` is "wgpu" (depth 0..1) or "gl" (depth -1..1); y is up in both.
struct Lens {
  double fovy_deg;
  double aspect;  // width / height
  double znear;
  double zfar;
  std::string_view clip_space = "wgpu";
};

struct Pose {
  Vec3 eye;
  Vec3 target;
  Vec3 up;
};

/// World to view space. Throws INVALID_ARGUMENT, as all of these do.
Mat4 look_at(const Pose& pose);

/// View to clip space.
Mat4 perspective(const Lens& lens);

/// perspective * look_at; vectors are checked before the lens.
Mat4 view_proj(const Pose& pose, const Lens& lens);

}  // namespace forge::graphics
