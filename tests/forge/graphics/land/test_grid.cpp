#include "forge/graphics/land/grid.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "forge/array/fuse/lazy.hpp"
#include "forge/support/device.hpp"
#include "forge/vk/staging.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

// Means by the device's kernel, and as it chooses: by the host where they share a processor.
class LandGridTest : public DeviceTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_) array::compute_on_device_alone(*device_, GetParam());
  }
  void TearDown() override {
    if (device_) array::compute_on_device_alone(*device_, false);
    DeviceTest::TearDown();
  }
};
INSTANTIATE_TEST_SUITE_P(Both, LandGridTest, testing::Bool(),
                         [](const auto& by) { return by.param ? "ByTheDevice" : "AsItChooses"; });

struct Held {
  std::vector<float> heights;
  Relief relief;
};

Held held(uint32_t rows, uint32_t columns, const std::function<float(uint32_t, uint32_t)>& height) {
  Held out;
  for (uint32_t r = 0; r < rows; ++r)
    for (uint32_t c = 0; c < columns; ++c) out.heights.push_back(height(r, c));
  out.relief.heights = out.heights.data();
  out.relief.rows = rows;
  out.relief.columns = columns;
  out.relief.solid =
      std::none_of(out.heights.begin(), out.heights.end(), [&](float h) { return out.relief.is_hole(h); });
  return out;
}

std::vector<float> values_of(const std::shared_ptr<vk::Device>& device, const Relief& relief, const GridPlan& plan,
                             double level = 0) {
  vk::Commands commands(device);
  const LandGrid grid = record_grid(commands, relief, plan, level, -1e30f, -1);
  device->wait(commands.submit());
  std::vector<float> padded(grid.heights->size() / sizeof(float)), values;
  vk::download(padded.data(), vk::BufferRef(grid.heights));
  for (uint32_t r = 0; r < plan.rows; ++r)
    values.insert(values.end(), padded.begin() + r * plan.stride, padded.begin() + r * plan.stride + plan.columns);
  return values;
}

TEST_P(LandGridTest, CellsAreMeansOfTheRastersOwn) {
  const Held dem = held(7, 10, [](uint32_t r, uint32_t c) { return static_cast<float>(10 * r + c); });
  GridPlan plan = plan_grid(dem.relief, dem.relief.whole(), 2, 1000);
  ASSERT_EQ(plan.pool_x, 2u);
  const std::vector<float> got = values_of(device_, dem.relief, plan, 100);
  ASSERT_EQ(got.size(), 4u * 5);
  EXPECT_FLOAT_EQ(got[0], 5.5f - 100);
  EXPECT_FLOAT_EQ(got[5 + 2], 10 * 2.5f + 4.5f - 100);
  EXPECT_FLOAT_EQ(got[15 + 4], 60 + 8.5f - 100) << "the last row has half of its cells";
}

// Rows of whole words of 16 bytes are read word by word, others cell by cell.
TEST_P(LandGridTest, WordsAndCellsGiveTheSameMeans) {
  const auto height = [](uint32_t r, uint32_t c) {
    if ((r * 7 + c * 13) % 11 == 0) return (r + c) % 2 == 0 ? NAN : -9999.0f;
    return 100.0f + static_cast<float>((r * 37 + c * 91) % 257);
  };
  Held whole = held(24, 48, height), cut = held(24, 47, height);
  whole.relief.nodata = cut.relief.nodata = -9999;
  for (const Window& window : {Window{0, 0, 24, 44}, Window{1, 3, 22, 41}, Window{5, 2, 16, 9}})
    for (const double wanted : {1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 11.0}) {
      const GridPlan plan = plan_grid(whole.relief, window, wanted, 2000);
      const std::vector<float> words = values_of(device_, whole.relief, plan, 50);
      const std::vector<float> cells = values_of(device_, cut.relief, plan, 50);
      for (size_t i = 0; i < words.size(); ++i) {
        const auto row = static_cast<uint32_t>(i / plan.columns), column = static_cast<uint32_t>(i % plan.columns);
        double sum = 0, count = 0, all = 0;
        for (uint32_t r = row * plan.pool_y; r < std::min((row + 1) * plan.pool_y, window.rows); ++r)
          for (uint32_t c = column * plan.pool_x; c < std::min((column + 1) * plan.pool_x, window.columns); ++c) {
            const float h = height(window.row + r, window.column + c);
            ++all;
            if (!whole.relief.is_hole(h)) sum += static_cast<double>(h), ++count;
          }
        const double mean = 2 * count > all ? sum / count - 50 : NAN;
        for (const float got : {words[i], cells[i]}) {
          if (std::isnan(mean))
            EXPECT_TRUE(std::isnan(got)) << wanted << ", cell " << i;
          else
            EXPECT_NEAR(got, mean, 1e-3) << wanted << ", cell " << i;
        }
      }
    }
}

TEST_P(LandGridTest, CellsOfVeryManyAreMeansOfSome) {
  const Held dem = held(700, 600, [](uint32_t r, uint32_t c) { return r < 350 ? 2.0f : c < 300 ? 4.0f : 6.0f; });
  GridPlan plan = plan_grid(dem.relief, dem.relief.whole(), 1, 1000);
  plan.pool_x = 600, plan.pool_y = 350, plan.columns = 1, plan.rows = 2, plan.stride = 64;
  plan.cell_x = 600, plan.cell_y = 350, plan.extent_u = 1, plan.extent_v = 2;
  const std::vector<float> got = values_of(device_, dem.relief, plan);
  EXPECT_FLOAT_EQ(got[0], 2);
  EXPECT_NEAR(got[1], 5, 0.01);
}

TEST_P(LandGridTest, AWindowBeginsWhereItSays) {
  const Held dem = held(20, 30, [](uint32_t r, uint32_t c) { return static_cast<float>(100 * r + c); });
  // A cell of the raster's own, the mean of nine, and a quarter of one: cubics go through planes.
  for (const auto& [wanted, first] : {std::pair{1.0, 609.0}, {3.0, 710.0}, {0.5, 609 - 25 - 0.25}}) {
    const GridPlan plan = plan_grid(dem.relief, {6, 9, 9, 12}, wanted, 1000);
    EXPECT_NEAR(values_of(device_, dem.relief, plan)[0], first, 1e-3) << wanted;
  }
}

TEST_P(LandGridTest, LevelGroundStaysExactlyAsHigh) {
  const Held dem = held(9, 9, [](uint32_t, uint32_t) { return 0.1f; });
  for (const double wanted : {0.3, 1.0, 4.0})
    for (const float h : values_of(device_, dem.relief, plan_grid(dem.relief, dem.relief.whole(), wanted, 10'000)))
      EXPECT_EQ(h, 0.1f);
}

TEST_P(LandGridTest, MostOfACellDecidesWhetherItIsAHole) {
  Held dem = held(4, 4, [](uint32_t r, uint32_t c) { return r < 2 ? NAN : c == 3 && r == 3 ? NAN : 7.0f; });
  dem.heights[2] = 5;
  const std::vector<float> got = values_of(device_, dem.relief, plan_grid(dem.relief, dem.relief.whole(), 2, 1000));
  EXPECT_TRUE(std::isnan(got[0]));
  EXPECT_TRUE(std::isnan(got[1])) << "one of four";
  EXPECT_EQ(got[2], 7);
  EXPECT_EQ(got[3], 7) << "three of four";
}

TEST_P(LandGridTest, FineCellsKeepHolesSquare) {
  const Held dem = held(3, 3, [](uint32_t r, uint32_t c) { return r == 1 && c == 1 ? NAN : 1.0f; });
  const GridPlan plan = plan_grid(dem.relief, dem.relief.whole(), 0.25, 1000);
  ASSERT_EQ(plan.part_x, 4u);
  const std::vector<float> got = values_of(device_, dem.relief, plan);
  for (uint32_t r = 0; r < 12; ++r)
    for (uint32_t c = 0; c < 12; ++c)
      EXPECT_EQ(std::isnan(got[12 * r + c]), r / 4 == 1 && c / 4 == 1) << r << ", " << c;
}

}  // namespace
}  // namespace forge::graphics
