#include "forge/graphics/view.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "forge/graphics/errors.hpp"
#include "forge/graphics/vector.hpp"

namespace forge::graphics {
namespace {

constexpr Box kBox{{-3, -1, 0}, {5, 4, 2}};

// How far a box's corners reach in the picture: from the middle, as a share of half of it.
std::array<double, 4> reach_of(const Box& box, const View& view) {
  std::array<double, 4> reach{1e300, -1e300, 1e300, -1e300};
  for (size_t i = 0; i < 8; ++i) {
    const Vec3 place = view.project(
        {i & 1 ? box.high[0] : box.low[0], i & 2 ? box.high[1] : box.low[1], i & 4 ? box.high[2] : box.low[2]});
    const double x = 2 * place[0] / view.options.width - 1, y = 2 * place[1] / view.options.height - 1;
    reach = {std::min(reach[0], x), std::max(reach[1], x), std::min(reach[2], y), std::max(reach[3], y)};
  }
  return reach;
}

TEST(ViewTest, FramesAnyBoxFromAnywhereExactly) {
  for (const double azimuth : {0.0, 37.0, 180.0, 251.0})
    for (const double elevation : {-90.0, -20.0, 0.0, 38.0, 90.0})
      for (const double fovy : {0.0, 30.0, 80.0}) {
        const View view = make_view(frame_box(kBox, {azimuth, elevation}, fovy, 640, 360, 0.85));
        const auto reach = reach_of(kBox, view);
        EXPECT_NEAR(std::max(reach[1] - reach[0], reach[3] - reach[2]) / 2, 0.85, 1e-6);
        EXPECT_NEAR(reach[0] + reach[1], 0, 1e-6) << azimuth << " " << elevation << " " << fovy;
        EXPECT_NEAR(reach[2] + reach[3], 0, 1e-6);
      }
}

TEST(ViewTest, NorthIsUpFromTheSouthAndFromAbove) {
  for (const double elevation : {38.0, 90.0}) {
    const View view = make_view(frame_box(kBox, {180, elevation}, 30, 100, 100));
    const Vec3 centre = kBox.centre(), middle = view.project(centre);
    EXPECT_GT(view.project(plus(centre, {1, 0, 0}))[0], middle[0]);
    EXPECT_LT(view.project(plus(centre, {0, 1, 0}))[1], middle[1]);
  }
}

TEST(ViewTest, DepthIsReversedAndInfinite) {
  ViewOptions options;
  options.eye = {0, 0, 0};
  options.target = {0, 10, 0};
  options.near = 0.5;
  options.width = options.height = 100;
  const View view = make_view(options);
  EXPECT_NEAR(view.project({0, 0.5, 0})[2], 1, 1e-12);
  EXPECT_NEAR(view.project({0, 1, 0})[2], 0.5, 1e-12);
  EXPECT_NEAR(view.project({0, 1e9, 0})[2], 0, 1e-9);
  EXPECT_TRUE(std::isnan(view.project({0, -1, 0})[0]));
  EXPECT_LT(view.project({0, -1, 0})[2], 0);
  EXPECT_NEAR(view.pixel_size({0, 10, 0}), 2 * std::tan(15 * 3.14159265358979 / 180) * 10 / 100, 1e-12);
  EXPECT_TRUE(std::isinf(view.far()));
}

TEST(ViewTest, ParallelRaysKeepSizes) {
  ViewOptions options = frame_box(kBox, {180, 90}, 0, 200, 100, 1);
  const View view = make_view(options);
  EXPECT_NEAR(options.parallel_height, 5, 1e-9) << "5 north to south; 8 east to west are 4 of the other side";
  EXPECT_NEAR(view.pixel_size({1e6, 0, 0}), options.parallel_height / 100, 1e-12);
  const double near = view.project({0, 0, 2})[2], far = view.project({0, 0, 0})[2];
  EXPECT_GT(near, far);
  EXPECT_GT(far, 0);
  EXPECT_LT(near, 1);
}

TEST(ViewTest, TheMatrixSaysWhatProjectSays) {
  for (const double fovy : {0.0, 40.0}) {
    const View view = make_view(frame_box(kBox, {205, 25}, fovy, 300, 200));
    const Vec3 point{1, 2, 1}, seen = minus(point, view.options.eye), place = view.project(point);
    std::array<double, 4> clip{};
    for (size_t r = 0; r < 4; ++r) {
      clip[r] = static_cast<double>(view.clip_from_eye(r, 3));
      for (size_t c = 0; c < 3; ++c) clip[r] += static_cast<double>(view.clip_from_eye(r, c)) * seen[c];
    }
    EXPECT_NEAR((0.5 + 0.5 * clip[0] / clip[3]) * 300, place[0], 1e-3);
    EXPECT_NEAR((0.5 - 0.5 * clip[1] / clip[3]) * 200, place[1], 1e-3);
    EXPECT_NEAR(clip[2] / clip[3], place[2], 1e-6);
  }
}

TEST(ViewTest, OnePointAndFarFromZero) {
  const View one = make_view(frame_box({{7, 8, 9}, {7, 8, 9}}, {180, 38}, 30, 64, 64));
  EXPECT_NEAR(one.project({7, 8, 9})[0], 32, 1e-6);
  const Box far{{1e7, 2e7, 500}, {1e7 + 30, 2e7 + 40, 510}};
  const auto reach = reach_of(far, make_view(frame_box(far, {180, 38}, 30, 64, 64)));
  EXPECT_NEAR(std::max(reach[1] - reach[0], reach[3] - reach[2]) / 2, 0.85, 1e-5);
}

TEST(ViewTest, RefusesWhatMakesNoPicture) {
  ViewOptions good;
  good.target = {0, 1, 0};
  good.width = good.height = 10;
  EXPECT_NO_THROW(make_view(good));
  const auto refused = [&](auto change) {
    ViewOptions bad = good;
    change(bad);
    EXPECT_THROW(make_view(bad), Error);
  };
  refused([](ViewOptions& o) { o.target = o.eye; });
  refused([](ViewOptions& o) { o.up = {0, -3, 0}; });
  refused([](ViewOptions& o) { o.up = {0, 0, 0}; });
  refused([](ViewOptions& o) { o.eye[1] = NAN; });
  refused([](ViewOptions& o) { o.fovy_deg = 180; });
  refused([](ViewOptions& o) { o.fovy_deg = 0; });
  refused([](ViewOptions& o) { o.width = 0; });
  refused([](ViewOptions& o) { o.near = -1; });
  EXPECT_THROW(frame_box({}, {}, 30, 10, 10), Error);
  EXPECT_THROW(frame_box(kBox, {0, 91}, 30, 10, 10), Error);
  EXPECT_THROW(frame_box(kBox, {}, 30, 10, 10, 0), Error);
  EXPECT_THROW(frame_box({{0, 0, 0}, {INFINITY, 0, 0}}, {}, 30, 10, 10), Error);
}

}  // namespace
}  // namespace forge::graphics
