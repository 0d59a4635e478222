#include "forge/graphics/grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "errors.hpp"

namespace forge::graphics {
namespace {

TEST(Grid, ThreeByTwo) {
  const Grid grid = grid_generate(3, 2, {2, 10});
  const std::vector<float> xy = {-2, -5, 0, -5, 2, -5, -2, 5, 0, 5, 2, 5};
  const std::vector<float> uv = {0, 0, 0.5, 0, 1, 0, 0, 1, 0.5, 1, 1, 1};
  const std::vector<uint32_t> indices = {0, 1, 3, 3, 1, 4, 1, 2, 4, 4, 2, 5};
  EXPECT_TRUE(std::ranges::equal(grid.xy.view(), xy));
  EXPECT_TRUE(std::ranges::equal(grid.uv.view(), uv));
  EXPECT_TRUE(std::ranges::equal(grid.indices.view(), indices));
}

TEST(Grid, IndicesNameEveryVertex) {
  const Grid grid = grid_generate(256, 256);
  EXPECT_EQ(grid.indices.size, 390150u);
  std::vector<bool> named(256 * 256);
  for (uint32_t index : grid.indices.view()) named.at(index) = true;
  EXPECT_EQ(std::ranges::count(named, true), 256 * 256);
}

TEST(Grid, Refuses) {
  const auto start = [](int64_t nx, int64_t nz, std::array<double, 2> spacing, const char* text) {
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { grid_generate(nx, nz, spacing); }), text);
  };
  const double infinity = std::numeric_limits<double>::infinity();
  start(1, 2, {0, 0}, "nx and nz must be >= 2");
  start(2, -1, {1, 1}, "nx and nz must be >= 2");
  for (double bad : {0.0, -1.0, infinity, std::nan(""), 1e300}) {
    start(2, 2, {bad, 1}, "spacing components must be finite and > 0");
    start(2, 2, {1, bad}, "spacing components must be finite and > 0");
  }
  start(1 << 17, 1 << 17, {1, 1}, "grid is too large");
  start(std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max(), {1, 1}, "grid is too large");
}

}  // namespace
}  // namespace forge::graphics
