#include "forge/graphics/heights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "errors.hpp"

namespace forge::graphics {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> ramp(size_t count, float start = 0, float step = 1) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = start + step * static_cast<float>(i);
  return values;
}

HeightField field(const std::vector<float>& values) {
  return HeightField(std::span<const float>(values), 1, values.size());
}

std::vector<float> values_of(const HeightField& heights) { return {heights.values().begin(), heights.values().end()}; }

TEST(HeightField, StoresFloat32TimesFloat32) {
  const std::vector<double> doubles = {0.1, 1e10, -3, 1.0 / 3};
  const HeightField stored(std::span<const double>(doubles), 2, 2, 0.1);
  EXPECT_EQ(stored.rows(), 2u);
  EXPECT_EQ(stored.columns(), 2u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(stored.values()[i], static_cast<float>(doubles[i]) * 0.1f);
  const std::vector<float> floats = {1.5f, 2.5f};
  EXPECT_EQ(values_of(field(floats)), floats);
}

TEST(HeightField, IsACopy) {
  std::vector<float> source = {1, 2};
  const HeightField copy = field(source);
  source[0] = 9;
  EXPECT_EQ(copy.values()[0], 1);
}

TEST(HeightField, RefusesNothingAndBadFactors) {
  const std::vector<float> one = {1};
  for (double bad : {0.0, -1.0, std::nan(""), double{kInfinity}, 1e300, 1e-300})
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { HeightField(std::span<const float>(one), 1, 1, bad); }),
                 "exaggeration must be > 0");
  const auto empty = [](size_t rows, size_t columns) {
    return message_of(ErrorCode::BAD_SHAPE, [=] { HeightField(std::span<const float>(), rows, columns); });
  };
  EXPECT_EQ(empty(0, 5), "heightmap cannot be empty; got (0, 5)");
  EXPECT_EQ(empty(5, 0), "heightmap cannot be empty; got (5, 0)");
  check_extent(1 << 16, (1 << 15) - 1);
  expect_start(message_of(ErrorCode::LIMIT_EXCEEDED, [] { check_extent(1 << 16, 1 << 15); }), "heightmap is too large");
  expect_start(message_of(ErrorCode::LIMIT_EXCEEDED, [] { check_extent(size_t{1} << 40, size_t{1} << 40); }),
               "heightmap is too large");
  check_spacing(0.1, 30);
  for (double bad : {0.0, -1.0, std::nan(""), double{kInfinity}}) {
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { check_spacing(bad, 1); }),
                 "spacing components must be > 0");
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { check_spacing(1, bad); }),
                 "spacing components must be > 0");
  }
}

TEST(HeightStatistics, OfARamp) {
  const HeightStats stats = height_statistics(ramp(257 * 255, 0, 0.25f));
  const double count = 257 * 255;
  EXPECT_EQ(stats.min, 0);
  EXPECT_EQ(stats.max, (count - 1) / 4);
  EXPECT_NEAR(stats.mean, (count - 1) / 8, 1e-9);
  EXPECT_NEAR(stats.std, std::sqrt((count * count - 1) / 12) / 4, 1e-8);
}

TEST(HeightStatistics, OfAFlatFieldIsExact) {
  const HeightStats stats = height_statistics(std::vector<float>(1000003, 0.1f));
  EXPECT_EQ(stats.mean, 0.1f);
  EXPECT_EQ(stats.std, 0);
}

TEST(HeightStatistics, FarFromZeroNothingIsLost) {
  const HeightStats stats = height_statistics(ramp(1000001, 8388608, 1));
  EXPECT_NEAR(stats.mean, 8388608 + 500000, 1e-6);
  EXPECT_NEAR(stats.std, std::sqrt((1000001.0 * 1000001.0 - 1) / 12), 1e-5);
}

TEST(HeightStatistics, TakesDoublesAsTheyAre) {
  const std::vector<double> heights = {0.1, 0.2, 0.3};
  EXPECT_EQ(height_statistics(heights).max, 0.3);
  EXPECT_NEAR(height_statistics(heights).mean, 0.2, 1e-15);
}

TEST(HeightStatistics, HolesDoNotCount) {
  const HeightStats stats = height_statistics(std::vector<float>{kNan, 1, kInfinity, 3, -kInfinity});
  EXPECT_EQ(stats.min, 1);
  EXPECT_EQ(stats.max, 3);
  EXPECT_EQ(stats.mean, 2);
  EXPECT_EQ(stats.std, 1);
  for (const auto& nothing : {std::vector<float>{}, std::vector<float>(3, kNan)}) {
    const HeightStats none = height_statistics(nothing);
    EXPECT_TRUE(std::isnan(none.min) && std::isnan(none.max) && std::isnan(none.mean) && std::isnan(none.std));
  }
}

TEST(PercentileRange, IsTheSortedOne) {
  for (size_t count : {1, 2, 3, 99, 100, 101, 1000, 12345}) {
    std::vector<float> heights = ramp(count, -5, 0.5f);
    const float low = heights[static_cast<size_t>(static_cast<double>(count) * 0.01)];
    const float high = heights[static_cast<size_t>(static_cast<double>(count) * 0.99)];
    std::shuffle(heights.begin(), heights.end(), std::mt19937(1));
    const HeightRange range = percentile_range(heights);
    EXPECT_EQ(range.low, low);
    EXPECT_EQ(range.high, low < high ? high : low + 1e-5f);
  }
}

TEST(PercentileRange, IsNeverEmpty) {
  for (float height : {0.0f, 1.0f, 100.0f, -5000.0f, 1e6f, 1e30f}) {
    const HeightRange range = percentile_range(std::vector<float>(50, height));
    EXPECT_EQ(range.low, height);
    EXPECT_GE(range.high - range.low, 1e-5f) << height;
  }
}

TEST(PercentileRange, LeavesHolesOut) {
  std::vector<float> heights = ramp(100);
  heights.insert(heights.begin(), 1000, kNan);
  heights.push_back(kInfinity);
  EXPECT_EQ(percentile_range(heights).low, 1);
  EXPECT_EQ(percentile_range(heights).high, 99);
  EXPECT_EQ(percentile_range(std::vector<float>(5, kNan)).low, 0);
  EXPECT_EQ(percentile_range(std::vector<float>(5, kNan)).high, 1);
}

TEST(HeightField, RangeIsThatOfTheHeightsUnlessSet) {
  HeightField heights = field(ramp(200));
  EXPECT_EQ(heights.range().low, 2);
  heights.normalize("minmax", 0, 10);
  EXPECT_NEAR(heights.range().high, 10.0 * 198 / 199, 1e-5);
  heights.set_range(-1, 2.5);
  EXPECT_EQ(heights.range().low, -1);
  EXPECT_EQ(heights.range().high, 2.5);
}

TEST(HeightField, RefusedRangesChangeNothing) {
  HeightField heights = field(ramp(10));
  heights.set_range(1, 2);
  const double infinity = kInfinity, nan = kNan;
  for (const auto& [low, high] :
       {std::pair{nan, 1.0}, {0.0, nan}, {-infinity, 0.0}, {0.0, infinity}, {0.0, 1e300}, {nan, nan}})
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.set_range(low, high); }),
                 "min/max must be finite floats");
  for (const auto& [low, high] : {std::pair{1.0, 1.0}, {2.0, 1.0}, {1.0, 1.0 + 1e-12}})
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.set_range(low, high); }), "min must be < max");
  EXPECT_EQ(heights.range().high, 2);
}

TEST(Normalize, MinmaxHitsBothEnds) {
  std::mt19937 random(1);
  std::normal_distribution<float> noise(1234, 56);
  std::vector<float> source(63 * 61);
  std::generate(source.begin(), source.end(), [&] { return noise(random); });
  for (const auto& [low, high] : {std::pair{0.0, 1.0}, {10.0, 20.0}, {-3.0, 3.0}, {5.0, 2.0}}) {
    HeightField heights = field(source);
    heights.normalize("minmax", low, high);
    EXPECT_NEAR(heights.statistics().min, std::min(low, high), 1e-5 * std::abs(low) + 1e-6);
    EXPECT_NEAR(heights.statistics().max, std::max(low, high), 1e-5 * std::abs(high) + 1e-6);
    const size_t lowest = static_cast<size_t>(std::min_element(source.begin(), source.end()) - source.begin());
    EXPECT_NEAR(heights.values()[lowest], low, 1e-5 * std::abs(low));
  }
}

TEST(Normalize, AFlatFieldBecomesLow) {
  HeightField heights = field(std::vector<float>(10, 3.3f));
  heights.normalize("minmax", 0.1, 9);
  EXPECT_EQ(values_of(heights), std::vector<float>(10, 0.1f));
  heights.normalize("minmax", 7, 9, 0);
  EXPECT_EQ(values_of(heights), std::vector<float>(10, 7));
  heights.normalize("zscore");
  EXPECT_EQ(values_of(heights), std::vector<float>(10, 0));
}

TEST(Normalize, ZscoreHasMeanZeroAndStdOne) {
  for (float offset : {0.0f, 1e3f, 1e6f}) {
    HeightField heights = field(ramp(255 * 257, offset, 0.5f));
    heights.normalize("zscore");
    EXPECT_LT(std::abs(heights.statistics().mean), 2e-6);
    EXPECT_LT(std::abs(heights.statistics().std - 1), 2e-6);
  }
}

TEST(Normalize, EpsBoundsTheDivision) {
  HeightField heights = field({0, 1});
  heights.normalize("minmax", 0, 1, 4);
  EXPECT_EQ(values_of(heights), (std::vector<float>{0, 0.25f}));
}

TEST(Normalize, ModesInAnyCaseAndOthersRefused) {
  HeightField heights = field(ramp(5));
  heights.normalize("MinMax");
  heights.normalize("ZSCORE");
  const auto before = values_of(heights);
  for (const char* bad : {"", "max", "min max", "robust"})
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.normalize(bad); }),
                 "mode must be 'minmax' or 'zscore'");
  message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.normalize("minmax", kNan, 1); });
  message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.normalize("minmax", 0, 1e300); });
  message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.normalize("minmax", 0, 1, kNan); });
  message_of(ErrorCode::INVALID_ARGUMENT, [&] { heights.normalize("zscore", 0, 1, -1); });
  EXPECT_EQ(values_of(heights), before);
}

TEST(Normalize, HolesStayHoles) {
  HeightField heights = field({kNan, 0, 10, kInfinity});
  heights.normalize("minmax");
  EXPECT_TRUE(std::isnan(heights.values()[0]));
  EXPECT_EQ(heights.values()[1], 0);
  EXPECT_EQ(heights.values()[2], 1);
  EXPECT_EQ(heights.values()[3], kInfinity);
}

TEST(Patch, InsideAndOutside) {
  check_patch({0, 0, 4, 3}, 3, 4);
  check_patch({3, 2, 1, 1}, 3, 4);
  const auto refused = [](Patch patch) {
    return message_of(ErrorCode::OUT_OF_RANGE, [=] { check_patch(patch, 3, 4); });
  };
  EXPECT_EQ(refused({2, 0, 3, 1}), "requested patch exceeds texture bounds in x: x+w (5) > width (4)");
  EXPECT_EQ(refused({0, 1, 4, 3}), "requested patch exceeds texture bounds in y: y+h (4) > height (3)");
  for (Patch patch : {Patch{0, 0, 0, 1}, {0, 0, 1, 0}, {9, 9, 0, 0}, {0, 0, -1, 1}})
    expect_start(refused(patch), "patch dimensions must be > 0");
  for (Patch patch : {Patch{-1, 0, 1, 1}, {0, -1, 1, 1}}) expect_start(refused(patch), "patch origin must be >= 0");
  const int64_t most = std::numeric_limits<int64_t>::max();
  expect_start(refused({most, 0, most, 1}),
               "requested patch exceeds texture bounds in x: x+w (18446744073709551614) > width (4)");
}

}  // namespace
}  // namespace forge::graphics
