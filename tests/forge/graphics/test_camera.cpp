#include "forge/graphics/camera.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "errors.hpp"

// Matrices are compared with NumPy's in tests/python/graphics/test_camera.py, which also walks every refusal.
namespace forge::graphics {
namespace {

constexpr Pose kPose{{3, 2, 3}, {0, 0, 0}, {0, 1, 0}};
constexpr Lens kLens{45, 1, 0.1, 100};

TEST(Camera, LookAtOnTheAxis) {
  const Mat4 view = look_at({{0, 0, 3}, {0, 0, 0}, {0, 1, 0}});
  for (size_t r = 0; r < 4; ++r)
    for (size_t c = 0; c < 4; ++c) EXPECT_NEAR(view(r, c), r == 2 && c == 3 ? -3 : r == c, 1e-6);
}

TEST(Camera, LookAtIsARotation) {
  const Mat4 view = look_at(kPose);
  for (size_t a = 0; a < 3; ++a)
    for (size_t b = 0; b < 3; ++b)
      EXPECT_NEAR(view(a, 0) * view(b, 0) + view(a, 1) * view(b, 1) + view(a, 2) * view(b, 2), a == b, 1e-6);
  EXPECT_NEAR(view(2, 3), -std::sqrt(22.0), 1e-6);  // the target lies straight ahead
}

TEST(Camera, Perspective) {
  const Mat4 wgpu = perspective(kLens);
  EXPECT_NEAR(wgpu(0, 0), 2.4142136, 1e-6);
  EXPECT_NEAR(wgpu(1, 1), 2.4142136, 1e-6);
  EXPECT_NEAR(wgpu(2, 2), -1.001001, 1e-6);
  EXPECT_NEAR(wgpu(2, 3), -0.1001001, 1e-7);
  EXPECT_EQ(wgpu(3, 2), -1);
  const Mat4 gl = perspective({45, 1, 0.1, 100, "gl"});
  EXPECT_NEAR(gl(2, 2), -100.1 / 99.9, 1e-6);
  EXPECT_NEAR(gl(2, 3), -20 / 99.9, 1e-6);
}

TEST(Camera, ViewProjIsTheProduct) {
  const Mat4 product = perspective(kLens) * look_at(kPose), together = view_proj(kPose, kLens);
  for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(together.rows[i], product.rows[i], 1e-5);
}

TEST(Camera, ColumnMajorIsTheTranspose) {
  const auto columns = perspective(kLens).column_major();
  EXPECT_EQ(columns[4 * 3 + 2], perspective(kLens)(2, 3));
  EXPECT_EQ(columns[4 * 2 + 3], -1);
}

TEST(Camera, RefusesInOrder) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto start = [](const Pose& pose, const Lens& lens, const char* text) {
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { view_proj(pose, lens); }), text);
  };
  Pose pose{{nan, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  Lens lens{0, 0, 0, 0, "x"};
  start(pose, lens, "eye/target/up components must be finite");
  pose.eye = {1, 0, 0};
  start(pose, lens, "up vector must not be colinear with view direction");
  pose.up = {0, 1, 0};
  start(pose, lens, "fovy_deg must be finite and in (0, 180)");
  lens.fovy_deg = 45;
  start(pose, lens, "aspect must be finite and > 0");
  lens.aspect = 1;
  start(pose, lens, "znear must be finite and > 0");
  lens.znear = 1;
  start(pose, lens, "zfar must be finite and > znear");
  lens.zfar = 2;
  start(pose, lens, "clip_space must be 'wgpu' or 'gl'");
}

}  // namespace
}  // namespace forge::graphics
