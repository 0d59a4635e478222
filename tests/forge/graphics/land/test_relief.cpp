#include "forge/graphics/land/relief.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace forge::graphics {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Relief relief_of(const std::vector<float>& heights, uint32_t columns, double cell = 1) {
  Relief relief;
  relief.heights = heights.data();
  relief.columns = columns;
  relief.rows = static_cast<uint32_t>(heights.size() / columns);
  relief.cell_x = relief.cell_y = cell;
  return relief;
}

Relief sized(uint32_t rows, uint32_t columns, double cell_x = 1, double cell_y = 1) {
  Relief relief;
  relief.rows = rows;
  relief.columns = columns;
  relief.cell_x = cell_x;
  relief.cell_y = cell_y;
  return relief;
}

TEST(Relief, HolesDoNotCount) {
  const std::vector<float> heights{kNan, 3, -9999, 7, kInfinity, -kInfinity, 5, 4, 6, 3};
  Relief relief = relief_of(heights, 5);
  relief.nodata = -9999;
  const ReliefSummary s = summarize(relief);
  EXPECT_EQ(s.low, 3);
  EXPECT_EQ(s.high, 7);
  EXPECT_EQ(s.counted, 6u);
}

TEST(Relief, NothingButHolesIsLevel) {
  const std::vector<float> heights(12, kNan);
  const Relief relief = relief_of(heights, 4);
  const ReliefSummary s = summarize(relief);
  EXPECT_EQ(s.counted, 0u);
  EXPECT_EQ(s.low, 0);
  EXPECT_EQ(s.high, 0);
  EXPECT_EQ(natural_exaggeration(relief, s), 1);
}

TEST(Relief, ExtremesAreFoundWhereverTheyAre) {
  std::vector<float> heights(1'200'003, 1.0f);
  for (const size_t at : {size_t{0}, size_t{1} << 20, heights.size() - 1}) {
    heights[at] = -5;
    EXPECT_EQ(summarize(relief_of(heights, 1)).low, -5) << at;
    heights[at] = 1;
  }
}

TEST(Relief, PercentilesAndSlopesAreThoseOfASample) {
  std::vector<float> heights(200 * 300);
  for (size_t i = 0; i < heights.size(); ++i) heights[i] = static_cast<float>(i % 300);
  const ReliefSummary s = summarize(relief_of(heights, 300, 2));
  EXPECT_NEAR(s.typical_low, 3, 1);
  EXPECT_NEAR(s.typical_high, 296, 1);
  EXPECT_NEAR(s.steep, 0.5, 1e-6);
}

TEST(Relief, GentleLandIsRaisedAndSteepLandIsNot) {
  const Relief relief = sized(100, 100);
  ReliefSummary s;
  s.counted = 10'000;
  s.high = s.typical_high = 10;
  s.steep = 0.1;
  EXPECT_NEAR(natural_exaggeration(relief, s), 2, 1e-9) << "as high as a fifth of its side";
  s.steep = 0.5;
  EXPECT_NEAR(natural_exaggeration(relief, s), 1.5, 1e-9) << "as steep as three in four";
  s.steep = 2;
  EXPECT_EQ(natural_exaggeration(relief, s), 1);
  s.high = s.typical_high = 700;
  EXPECT_NEAR(natural_exaggeration(relief, s), 0.1, 1e-9) << "a tower";
}

TEST(GridPlan, CellsAreCloseToWhatIsWanted) {
  for (const double wanted : {0.11, 0.5, 0.9, 1.0, 1.6, 3.3, 17.0}) {
    const Relief relief = sized(1000, 700);
    const GridPlan plan = plan_grid(relief, relief.whole(), wanted, 1'000'000'000);
    EXPECT_GT(plan.cell_x, wanted / 1.5) << wanted;
    EXPECT_LT(plan.cell_x, wanted * 1.5) << wanted;
    EXPECT_EQ(plan.cell_x, plan.cell_y);
    EXPECT_NEAR(plan.extent_u * plan.cell_x, 700, 1e-9);
    EXPECT_NEAR(plan.extent_v * plan.cell_y, 1000, 1e-9);
    EXPECT_EQ(plan.columns, std::ceil(plan.extent_u));
    EXPECT_GE(plan.stride, plan.columns);
  }
}

TEST(GridPlan, CostFollowsThePictureAndNotTheRaster) {
  for (const uint32_t side : {2048u, 4096u, 32'768u, 1'000'000u}) {
    const Relief relief = sized(side, side, 1.0 / side, 1.0 / side);
    const GridPlan plan = plan_grid(relief, relief.whole(), 1.0 / 900, 1'500'000);
    EXPECT_LE(uint64_t{plan.columns} * plan.rows, 1'500'000u) << side;
    EXPECT_GE(plan.columns, 600u) << side;
  }
}

TEST(GridPlan, HoldsItsLimitsForEveryShape) {
  for (const auto& [rows, columns] : {std::pair{1u, 1u}, {1u, 5'000'000u}, {5'000'000u, 1u}, {3u, 70'000u}, {17u, 17u}})
    for (const double cell : {1e-9, 1.0, 1e9})
      for (const double wanted : {0.0, 1e-12, 1.0, 1e12}) {
        const Relief relief = sized(rows, columns, cell, cell);
        const GridPlan plan = plan_grid(relief, relief.whole(), wanted, 100'000);
        EXPECT_LE(uint64_t{plan.columns} * plan.rows, 100'000u);
        EXPECT_LE(std::max(plan.columns, plan.rows), 16'384u);
        EXPECT_GE(std::min(plan.columns, plan.rows), 1u);
      }
}

TEST(Window, HoldsWhatLiesInside) {
  const Window window{10, 20, 30, 40};
  EXPECT_TRUE(window.holds(window));
  EXPECT_TRUE(window.holds({15, 20, 25, 40}));
  EXPECT_FALSE(window.holds({9, 20, 30, 40}));
  EXPECT_FALSE(window.holds({10, 20, 31, 40}));
  EXPECT_FALSE(window.holds({10, 20, 30, 41}));
}

}  // namespace
}  // namespace forge::graphics
