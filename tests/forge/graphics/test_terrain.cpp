#include "forge/graphics/terrain.hpp"

#include <algorithm>
#include <cmath>

#include "forge/support/device.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

struct Bounds {
  double left = 1e9, right = -1e9, low = 1e9, high = -1e9, nearest = 1e9, farthest = -1e9;
};

/// Where the eight corners of a block come to lie in device coordinates.
Bounds seen(const TerrainExtent& e, double aspect) {
  const Framing framing = frame_from_south(e, aspect);
  const Mat4 m = view_proj(framing.pose, framing.lens);
  Bounds b;
  for (int i = 0; i < 8; ++i) {
    const double p[] = {i & 1 ? e.half_x : -e.half_x, i & 2 ? e.high : e.low, i & 4 ? e.half_z : -e.half_z, 1};
    double clip[4] = {};
    for (size_t r = 0; r < 4; ++r)
      for (size_t c = 0; c < 4; ++c) clip[r] += static_cast<double>(m(r, c)) * p[c];
    EXPECT_GT(clip[3], 0) << "behind the eye";
    b.left = std::min(b.left, clip[0] / clip[3]), b.right = std::max(b.right, clip[0] / clip[3]);
    b.low = std::min(b.low, clip[1] / clip[3]), b.high = std::max(b.high, clip[1] / clip[3]);
    b.nearest = std::min(b.nearest, clip[2] / clip[3]), b.farthest = std::max(b.farthest, clip[2] / clip[3]);
  }
  return b;
}

TEST(Framing, HoldsEveryBlockInTheMiddleAndFillsThePicture) {
  for (const TerrainExtent& e : {TerrainExtent{100, 100, 0, 30},
                                 {1, 1, 0, 0},
                                 {5000, 10, -3, 3},
                                 {10, 5000, 0, 1},
                                 {1, 1, 0, 100},
                                 {1e5, 1e5, -400, 8848},
                                 {0.5, 0.5, 1e3, 1001},
                                 {1e-3, 1e-3, 0, 1e-3}})
    for (const double aspect : {0.25, 1.0, 16.0 / 9, 6.0}) {
      const Bounds b = seen(e, aspect);
      const std::string where = std::to_string(e.half_x) + " x " + std::to_string(e.half_z) + " high " +
                                std::to_string(e.high) + ", aspect " + std::to_string(aspect);
      EXPECT_NEAR(b.left, -b.right, 1e-4) << where << ": symmetric in x";
      EXPECT_GE(b.left, -1) << where;
      EXPECT_LE(b.high, 1) << where;
      EXPECT_GE(b.low, -1) << where;
      EXPECT_GE(b.nearest, 0) << where;
      EXPECT_LE(b.farthest, 1) << where;
      EXPECT_GE(std::max(b.right, std::max(b.high, -b.low)), 0.9) << where << ": fills a direction";
    }
}

TEST(Framing, LooksFromTheSouthAndAbove) {
  const Framing framing = frame_from_south({100, 100, 0, 30}, 1);
  EXPECT_EQ(framing.pose.eye[0], 0);
  EXPECT_GT(framing.pose.eye[1], 30);
  EXPECT_GT(framing.pose.eye[2], 100) << "z is south";
}

class TerrainPassTest : public DeviceTest {};

TEST_F(TerrainPassTest, TheExtentFollowsTheRaster) {
  TerrainPass pass(device_, lut_format(*device_));
  EXPECT_FALSE(pass.has_heights());
  pass.set_spacing(10, 20);
  const float heights[] = {1, 5, 2, 3, 4, 9};
  pass.set_heights(HeightField(std::span(heights), 2, 3));
  EXPECT_TRUE(pass.has_heights());
  TerrainStyle style;
  style.walls = false;
  const TerrainExtent bare = pass.extent(style);
  EXPECT_EQ(bare.half_x, 10);
  EXPECT_EQ(bare.half_z, 10);
  EXPECT_EQ(bare.low, 1);
  EXPECT_EQ(bare.high, 9);
  style.walls = true;
  EXPECT_LT(pass.extent(style).low, 1) << "walls have a foot";
  const float one[] = {4};
  pass.set_heights(HeightField(std::span(one), 1, 1));
  EXPECT_GT(pass.extent(style).half_x, 0) << "one sample has an extent";
  const float holes[] = {NAN, NAN};
  pass.set_heights(HeightField(std::span(holes), 1, 2));
  EXPECT_TRUE(std::isfinite(pass.extent(style).low) && std::isfinite(pass.extent(style).high));
}

}  // namespace
}  // namespace forge::graphics
