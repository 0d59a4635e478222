#include "forge/array/ops/fft_plan.hpp"

#include <cmath>
#include <numbers>

#include "forge/array/ops/divider.hpp"
#include "forge/support/device.hpp"

namespace forge::array {
namespace {

using namespace forge::test;

uint64_t product(const std::vector<Radix>& radices) {
  uint64_t length = 1;
  for (const Radix radix : radices) length *= radix.size();
  return length;
}

TEST(FftPlan, SplitsSmoothLengthsIntoRadicesWithinTheBound) {
  for (const uint32_t most : {8u, 16u, 32u, 64u})
    for (uint64_t length = 1; length < 5000; ++length) {
      const auto radices = radices_of(length, most);
      if (!radices) continue;
      EXPECT_EQ(product(*radices), length);
      for (const Radix radix : *radices) EXPECT_LE(radix.size(), std::max(most, 13u));
    }
  EXPECT_EQ(radices_of(1 << 20, 64)->size(), 4u);
  EXPECT_EQ(radices_of(1 << 20, 16)->size(), 5u);
}

TEST(FftPlan, LeavesLargePrimesToBluestein) {
  for (const uint64_t length : {17u, 34u, 19u * 8u, 1009u}) EXPECT_FALSE(radices_of(length, 64));
  for (const uint64_t length : {13u, 11u * 13u, 7u * 64u}) EXPECT_TRUE(radices_of(length, 64));
}

TEST(FftPlan, PadsToASmoothLengthNotFarAway) {
  for (const uint64_t least : {1u, 2u, 33u, 1000u, 65537u, 1048577u}) {
    const uint64_t length = padded_length(least);
    EXPECT_GE(length, least);
    EXPECT_LE(length, 2 * least + 64);
    EXPECT_TRUE(radices_of(length, 64));
  }
}

TEST(FftPlan, RootsAreRightToTheLastBits) {
  for (const uint64_t n : {1u, 2u, 3u, 4u, 7u, 8u, 12u, 1000u, 4099u})
    for (uint64_t k = 0; k < 2 * n; ++k) {
      const long double angle = -2 * std::numbers::pi_v<long double> * static_cast<long double>(k) / n;
      const auto root = root_of_unity(k, n);
      EXPECT_NEAR(root.real(), static_cast<double>(std::cos(angle)), 3e-16) << k << "/" << n;
      EXPECT_NEAR(root.imag(), static_cast<double>(std::sin(angle)), 3e-16) << k << "/" << n;
    }
}

uint32_t divide(uint32_t value, std::array<uint32_t, 3> by) {  // as shaders/include/divide.glsl
  const auto upper = static_cast<uint32_t>(uint64_t{value} * by[0] >> 32);
  return (upper + value * by[1]) >> by[2];
}

TEST(Divider, DividesAllValuesBelow31Bits) {
  for (const uint32_t by :
       {1u, 2u, 3u, 5u, 7u, 641u, 65535u, 65536u, 65537u, 1000003u, (1u << 30) + 1, (1u << 31) - 1}) {
    const auto magic = divider(by);
    for (uint64_t value = 0; value < (1u << 31); value += 1 + value / 97)
      for (const uint64_t near : {value / by * by, value / by * by + by - 1, value})
        if (near < (1u << 31)) {
          ASSERT_EQ(divide(static_cast<uint32_t>(near), magic), near / by) << near << "/" << by;
        }
  }
}

class FftTablesTest : public DeviceTest {};

TEST_F(FftTablesTest, KeepsWhatIsUsedAndDropsTheRest) {
  FftTables tables(*device_, 3000);  // bytes: three tables of 100 values in single precision
  int made = 0;
  const auto get = [&](const std::string& name) {
    return tables.get(name, false, [&] { return ++made, FftTables::Values(100); });
  };
  const auto first = get("a");
  EXPECT_EQ(first->size(), 800u);
  EXPECT_EQ(get("a"), first);
  get("b");
  get("c");
  get("a");
  EXPECT_EQ(made, 3);
  get("d");  // "b" goes, the longest unused
  EXPECT_EQ(get("a"), first);
  EXPECT_EQ(made, 4);
  get("b");
  EXPECT_EQ(made, 5);
}

}  // namespace
}  // namespace forge::array
