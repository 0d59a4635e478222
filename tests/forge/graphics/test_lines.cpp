#include "forge/graphics/lines.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace forge::graphics {
namespace {

using Four = std::array<uint32_t, 4>;

std::vector<double> along(std::initializer_list<double> xs) {
  std::vector<double> points;
  for (const double x : xs) points.insert(points.end(), {x, x * x, 0});
  return points;
}

TEST(LinesTest, OpenLinesEndInTheirEnds) {
  const LineSegments found = line_segments(std::span<const double>(along({0, 1, 2, 3})), {}, false);
  EXPECT_EQ(found.points, (std::vector<Four>{{0, 0, 1, 2}, {0, 1, 2, 3}, {1, 2, 3, 3}}));
  EXPECT_EQ(found.firsts, (std::vector<uint32_t>{0, 0, 0}));
}

TEST(LinesTest, ClosedOnesGoRound) {
  const std::vector<Four> ring{{2, 0, 1, 2}, {0, 1, 2, 0}, {1, 2, 0, 1}};
  EXPECT_EQ(line_segments(std::span<const double>(along({0, 1, 2})), {}, true).points, ring);
  EXPECT_EQ(line_segments(std::span<const double>(along({0, 1, 2, 0})), {}, true).points, ring) << "closed already";
  EXPECT_EQ(line_segments(std::span<const double>(along({0, 1})), {}, true).points, (std::vector<Four>{{0, 0, 1, 1}}));
}

TEST(LinesTest, NanAndOffsetsBegin) {
  const std::vector<Four> two{{0, 0, 1, 1}, {3, 3, 4, 4}};
  const LineSegments by_nan = line_segments(std::span<const double>(along({0, 1, NAN, 3, 4})), {}, false);
  EXPECT_EQ(by_nan.points, two);
  EXPECT_EQ(by_nan.firsts, (std::vector<uint32_t>{0, 1}));
  const std::vector<int64_t> starts{0, 2, 2, 4};
  EXPECT_EQ(line_segments(std::span<const double>(along({0, 1, 2, 3})), starts, false).points,
            (std::vector<Four>{{0, 0, 1, 1}, {2, 2, 3, 3}}));
}

TEST(LinesTest, CoincidentPointsAreOne) {
  EXPECT_EQ(line_segments(std::span<const double>(along({1, 1, 2, 2, 2, 3})), {}, false).points,
            (std::vector<Four>{{0, 0, 2, 5}, {0, 2, 5, 5}}));
  EXPECT_EQ(line_segments(std::span<const double>(along({1, 1})), {}, false).points, (std::vector<Four>{{0, 0, 0, 0}}));
  EXPECT_TRUE(line_segments(std::span<const double>(), {}, true).points.empty());
  EXPECT_TRUE(line_segments(std::span<const double>(along({NAN, INFINITY})), {}, true).points.empty());
}

}  // namespace
}  // namespace forge::graphics
