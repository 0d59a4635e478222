#include "forge/graphics/land/sight.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace forge::graphics {
namespace {

Relief square(uint32_t side) {
  Relief relief;
  relief.rows = relief.columns = side;
  relief.north = side;
  return relief;
}

View from(const Vec3& eye, const Vec3& target, double fovy = 30) {
  ViewOptions options;
  options.eye = eye;
  options.target = target;
  options.up = {0, 1, 0.001};
  options.fovy_deg = fovy;
  options.width = 400;
  options.height = 300;
  return make_view(options);
}

TEST(Sight, ARasterInThePictureIsSeenWhole) {
  const Relief relief = square(1000);
  const Sight sight = look_at_relief(relief, 0, 10, from({500, 500, 3000}, {500, 500, 0}));
  EXPECT_EQ(sight.window, relief.whole());
  EXPECT_NEAR(sight.pixel, 2 * 2990 * std::tan(15 * 3.14159265 / 180) / 300, 0.1) << "at its highest";
}

TEST(Sight, ACloseLookSeesAWindow) {
  const Relief relief = square(1000);
  const Sight sight = look_at_relief(relief, 0, 0, from({300, 700, 200}, {300, 700, 0}));
  // 107 units high and 143 wide, round column 300 and row 300
  EXPECT_LE(sight.window.row, 246u);
  EXPECT_GE(sight.window.row + sight.window.rows, 354u);
  EXPECT_LE(sight.window.column, 228u);
  EXPECT_GE(sight.window.column + sight.window.columns, 372u);
  EXPECT_LT(sight.window.rows, 200u);
  EXPECT_LT(sight.window.columns, 230u);
}

TEST(Sight, NothingIsSeenFromTheOtherSide) {
  EXPECT_EQ(look_at_relief(square(100), 0, 1, from({50, 50, 500}, {50, 50, 900})).window.rows, 0u);
  EXPECT_EQ(look_at_relief(square(100), 0, 1, from({9000, 50, 500}, {9000, 60, 0})).window.rows, 0u);
}

TEST(Sight, WhatLiesAroundTheEyeIsSeen) {
  const Relief relief = square(1000);
  const Sight sight = look_at_relief(relief, -5, 5, from({500, 500, 0}, {500, 900, 0}));
  EXPECT_TRUE(sight.window.holds({100, 480, 400, 40})) << "north of the eye";
  EXPECT_GT(sight.pixel, 0);
}

TEST(Sight, MarginsReachTowardsTheSun) {
  const Relief relief = square(1000);
  const Window window{400, 400, 100, 100};
  const Window wide = with_margin(relief, window, {-0.5, 0.5, 0.7071}, 50);
  EXPECT_TRUE(wide.holds(window));
  EXPECT_LT(wide.column, 400u - 15 - 30) << "west, where the sun is";
  EXPECT_LT(wide.row, 400u - 15 - 30) << "north";
  EXPECT_LT(wide.column + wide.columns, 520u);
  EXPECT_LT(wide.row + wide.rows, 520u);
  EXPECT_TRUE(wide.holds(with_margin(relief, window, {-0.5, 0.5, 0.7071}, 50, 0)));
  EXPECT_FALSE(wide.holds(with_margin(relief, window, {0.5, -0.5, 0.7071}, 50, 0))) << "another sun";
  EXPECT_EQ(with_margin(relief, relief.whole(), {-0.5, 0.5, 0.7071}, 50), relief.whole());
  const Window corner = with_margin(relief, {0, 900, 100, 100}, {0.7071, 0, 0.7071}, 1e9);
  EXPECT_EQ(corner.row, 0u);
  EXPECT_EQ(corner.column + corner.columns, 1000u);
}

TEST(Sight, SmallWindowsHaveShadowsFromAfar) {
  const Relief relief = square(1000);
  const Window wide = with_margin(relief, {500, 600, 10, 10}, {-0.7071, 0, 0.7071}, 300);
  EXPECT_LE(wide.column, 300u) << "however little is seen";
  EXPECT_LT(wide.rows, 20u) << "and none from aside";
}

}  // namespace
}  // namespace forge::graphics
