#include "forge/graphics/camera.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "forge/core/error.hpp"
#include "forge/graphics/text.hpp"
#include "forge/graphics/vector.hpp"

namespace forge::graphics {

namespace {

using Matrix = Matrix4<double>;

std::string text_of(const Vec3& v) { return tuple_text(v[0], v[1], v[2]); }

[[noreturn]] void refuse(const char* failed, std::string got, std::string expected = {}) {
  throw Error(ErrorCode::INVALID_ARGUMENT, failed, std::move(expected), std::move(got));
}

/// float32 of every entry; refuses with `failed` when one is beyond it.
Mat4 rounded(const Matrix& matrix, const char* failed) {
  Mat4 result;
  for (size_t i = 0; i < 16; ++i) {
    result.rows[i] = static_cast<float>(matrix.rows[i]);
    if (!std::isfinite(result.rows[i])) refuse(failed, text(matrix.rows[i]), "a matrix within float32's range");
  }
  return result;
}

constexpr const char* kVectors = "eye/target/up components must be finite";
constexpr const char* kFar = "zfar must be finite and > znear";

Matrix view_matrix(const Pose& pose) {
  for (const Vec3& v : {pose.eye, pose.target, pose.up})
    if (!is_finite(v)) refuse(kVectors, text_of(v));
  Vec3 forward;
  for (size_t i = 0; i < 3; ++i) forward[i] = pose.target[i] / 2 - pose.eye[i] / 2;  // halves: no overflow
  forward = unit(forward);
  const Vec3 across = cross(forward, unit(pose.up));
  if (dot(across, across) < 1e-6)
    refuse("up vector must not be colinear with view direction",
           text_of(pose.up) + " with direction " + text_of(forward));
  const Vec3 side = unit(across);
  const Vec3 up = cross(side, forward);

  Matrix view;
  for (size_t c = 0; c < 3; ++c) view(0, c) = side[c], view(1, c) = up[c], view(2, c) = -forward[c];
  view(0, 3) = -dot(side, pose.eye);
  view(1, 3) = -dot(up, pose.eye);
  view(2, 3) = dot(forward, pose.eye);
  view(3, 3) = 1;
  return view;
}

Matrix projection_matrix(const Lens& lens) {
  const auto [fovy_deg, aspect, znear, zfar, clip_space] = lens;
  if (!(fovy_deg > 0 && fovy_deg < 180)) refuse("fovy_deg must be finite and in (0, 180)", text(fovy_deg));
  if (!(std::isfinite(aspect) && aspect > 0)) refuse("aspect must be finite and > 0", text(aspect));
  if (!(std::isfinite(znear) && znear > 0)) refuse("znear must be finite and > 0", text(znear));
  if (!(std::isfinite(zfar) && zfar > znear)) refuse(kFar, text(zfar) + " with znear " + text(znear));
  const bool gl = clip_space == "gl";
  if (!gl && clip_space != "wgpu") refuse("clip_space must be 'wgpu' or 'gl'", std::string(clip_space));

  const double focal = 1 / std::tan(fovy_deg * std::numbers::pi / 360);
  const double share = zfar / (znear - zfar);
  Matrix projection;
  projection(0, 0) = focal / aspect;
  projection(1, 1) = focal;
  projection(2, 2) = gl ? share + znear / (znear - zfar) : share;
  projection(2, 3) = (gl ? 2 : 1) * znear * share;
  projection(3, 2) = -1;
  return projection;
}

}  // namespace

Mat4 look_at(const Pose& pose) { return rounded(view_matrix(pose), kVectors); }

Mat4 perspective(const Lens& lens) { return rounded(projection_matrix(lens), "lens is too extreme"); }

Mat4 view_proj(const Pose& pose, const Lens& lens) {
  const Matrix view = view_matrix(pose);
  rounded(view, kVectors);  // says which half is beyond float32
  return rounded(projection_matrix(lens) * view, "camera is too extreme");
}

}  // namespace forge::graphics
