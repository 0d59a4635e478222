#include "forge/graphics/lettering/outline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "forge/core/error.hpp"

namespace forge::graphics {
namespace {

double area(const Coverage& part) { return std::accumulate(part.data.begin(), part.data.end(), 0.0) / 255; }

TEST(Outline, PolygonsCoverExactAreas) {
  const Point half[] = {{10.5, 20}, {14.25, 20}, {14.25, 23}, {10.5, 23}};
  const Coverage box = polygon_coverage(half, {});
  EXPECT_EQ(box.left, 10);
  EXPECT_EQ(box.top, 20);
  EXPECT_EQ(box.at(10, 20), 128);
  EXPECT_EQ(box.at(11, 22), 255);
  EXPECT_NEAR(box.at(14, 21), 64, 1);
  std::vector<Point> circle;
  for (int i = 0; i < 400; ++i) {
    const double turn = 2 * std::numbers::pi * i / 400;
    circle.push_back({50 + 20 * std::cos(turn), 50 + 20 * std::sin(turn)});
  }
  EXPECT_NEAR(area(polygon_coverage(circle, {})), std::numbers::pi * 400, 2);
}

TEST(Outline, LinesAreAsWideAsAsked) {
  const Point way[] = {{0, 10}, {100, 10}};
  EXPECT_NEAR(area(line_coverage(way, 3, false, {})), 300, 1);
  const Point slant[] = {{0, 0}, {60, 80}};
  EXPECT_NEAR(area(line_coverage(slant, 2, false, {})), 200, 2);
  const Point ring[] = {{10, 10}, {50, 10}, {50, 50}, {10, 50}};
  const Coverage closed = line_coverage(ring, 2, true, {});
  EXPECT_NEAR(area(closed), 4 * 40 * 2, 2);
  EXPECT_EQ(closed.at(30, 30), 0);
}

TEST(Outline, LinesOfManyPointsAreDrawnInPartsThatJoin) {
  std::vector<Point> wave;
  for (int i = 0; i <= 9000; ++i) wave.push_back({10 + i * 0.1, 100 + 30 * std::sin(i * 0.02)});
  const Coverage whole = line_coverage(wave, 3, false, {});
  const std::vector<Point> some = {wave.begin() + 1900, wave.begin() + 2100};  // round the first seam
  const Coverage part = line_coverage(some, 3, false, {});
  for (int32_t x = part.left + 4; x < part.right() - 4; ++x)
    for (int32_t y = part.top; y < part.bottom(); ++y) ASSERT_NEAR(whole.at(x, y), part.at(x, y), 2) << x << " " << y;
}

TEST(Outline, OnlyWhatIsSeenIsMade) {
  const Point large[] = {{-9000, -9000}, {9000, -9000}, {9000, 9000}, {-9000, 9000}};
  const Coverage seen = polygon_coverage(large, {0, 0, 30, 20});
  EXPECT_EQ(seen.width, 30U);
  EXPECT_EQ(area(seen), 600);
  EXPECT_THROW(polygon_coverage(large, {}), Error);
}

TEST(Outline, DegenerateOnesCoverNothing) {
  EXPECT_TRUE(polygon_coverage({}, {}).empty());
  const Point two[] = {{0, 0}, {5, 5}};
  EXPECT_TRUE(polygon_coverage(two, {}).empty());
  const Point flat[] = {{0, 0}, {5, 0}, {9, 0}};
  EXPECT_EQ(area(polygon_coverage(flat, {})), 0);
  EXPECT_TRUE(line_coverage(std::span(two, 1), 2, false, {}).empty());
  const Point same[] = {{3, 3}, {3, 3}};
  EXPECT_NEAR(area(line_coverage(same, 2, false, {})), 0, 4);
}

TEST(Outline, CornersFarOffAreRefused) {
  for (const double off : {1e5, std::nan(""), std::numeric_limits<double>::infinity()}) {
    const Point corners[] = {{0, 0}, {off, 0}, {0, 9}};
    EXPECT_THROW(polygon_coverage(corners, {}), Error);
  }
}

}  // namespace
}  // namespace forge::graphics
