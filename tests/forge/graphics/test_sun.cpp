#include "forge/graphics/sun.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "errors.hpp"

namespace forge::graphics {
namespace {

void expect_direction(double elevation, double azimuth, std::array<double, 3> want) {
  const auto got = sun_direction(elevation, azimuth);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(got[i], want[i], 1e-12) << elevation << ' ' << azimuth << ' ' << i;
}

TEST(Sun, IsACompass) {
  const double half = std::sqrt(0.5);
  expect_direction(0, 0, {0, 0, -1});   // north is -z
  expect_direction(0, 90, {1, 0, 0});   // east is +x
  expect_direction(0, 180, {0, 0, 1});
  expect_direction(0, 270, {-1, 0, 0});
  expect_direction(90, 123, {0, 1, 0});
  expect_direction(45, 90, {half, half, 0});
  expect_direction(45, -90, {-half, half, 0});
  expect_direction(30, 360, {0, 0.5, -std::sqrt(0.75)});
}

TEST(Sun, AnglesMustBeFinite) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { sun_direction(bad, 0); }), "angles must be finite");
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { sun_direction(0, bad); }), "angles must be finite");
  }
}

std::vector<float> plane(size_t rows, size_t columns, double per_row, double per_column) {
  std::vector<float> heights;
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c)
      heights.push_back(static_cast<float>(per_row * static_cast<double>(r) + per_column * static_cast<double>(c)));
  return heights;
}

const double kThirty = std::tan(std::acos(-1) / 6);

TEST(SlopeFactor, BringsAGentlePlaneToThirtyDegrees) {
  EXPECT_NEAR(slope_factor(plane(20, 30, 0, 6), 20, 30, 30, 1), kThirty / 0.2, 1e-6);
  EXPECT_NEAR(slope_factor(plane(20, 30, 6, 0), 20, 30, 1, 30), kThirty / 0.2, 1e-6);
  EXPECT_NEAR(slope_factor(plane(20, 30, 3, 4), 20, 30, 20, 20), kThirty / 0.25, 1e-6);
}

TEST(SlopeFactor, StaysWithinOneAndFive) {
  EXPECT_EQ(slope_factor(plane(9, 9, 0, 0.01), 9, 9, 1, 1), 5);
  EXPECT_EQ(slope_factor(plane(9, 9, 0, 3), 9, 9, 1, 1), 1);
  EXPECT_EQ(slope_factor(plane(9, 9, 0, 0), 9, 9, 1, 1), 1);
}

TEST(SlopeFactor, OfSidesOfOne) {
  EXPECT_EQ(slope_factor(plane(1, 1, 0, 0), 1, 1, 1, 1), 1);
  EXPECT_NEAR(slope_factor(plane(1, 257, 0, 0.2), 1, 257, 1, 1), kThirty / 0.2, 1e-4);
  EXPECT_NEAR(slope_factor(plane(257, 1, 0.2, 0), 257, 1, 1, 1), kThirty / 0.2, 1e-4);
}

TEST(SlopeFactor, OfTheContractsBump) {
  std::vector<float> bump;
  for (int r = 0; r < 128; ++r)
    for (int c = 0; c < 128; ++c) {
      const double x = (c - 63.5) / 128, z = (r - 63.5) / 128;
      bump.push_back(static_cast<float>(50 * std::exp(-(x * x + z * z) / (2 * 0.18 * 0.18))));
    }
  EXPECT_EQ(slope_factor(bump, 128, 128, 30, 30), 5);  // slopes are 4 %
}

TEST(SlopeFactor, HolesDoNotCount) {
  std::vector<float> heights = plane(20, 30, 0, 0.2);
  for (size_t i = 0; i < heights.size(); i += 37) heights[i] = std::nanf("");
  EXPECT_NEAR(slope_factor(heights, 20, 30, 1, 1), kThirty / 0.2, 1e-5);
  EXPECT_EQ(slope_factor(std::vector<float>(6, std::nanf("")), 2, 3, 1, 1), 1);
}

TEST(SlopeFactor, OfALargeFieldIsThatOfItsSamples) {
  EXPECT_NEAR(slope_factor(plane(2000, 1500, 0, 0.25), 2000, 1500, 1, 1), kThirty / 0.25, 1e-6);
}

}  // namespace
}  // namespace forge::graphics
