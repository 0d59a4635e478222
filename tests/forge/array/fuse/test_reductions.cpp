#include "forge/array/fuse/reductions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "forge/array/fuse/elementwise.hpp"
#include "forge/array/host.hpp"
#include "forge/support/device.hpp"
#include "forge/vk/profile.hpp"

namespace forge::array {
namespace {

using E = Elementwise;

Lazy op(E which, const Lazy& a, const Lazy& b) { return elementwise(which, std::array{a, b}); }
Lazy op(E which, const Lazy& a) { return elementwise(which, std::array{a}); }

class Reductions : public test::DeviceTest {
 protected:
  template <class T>
  Array put(const std::vector<T>& values, const Dims& shape) {
    return Array::from_values(device_, dtype_of<T>(), shape, contiguous_strides(shape, sizeof(T)), values.data());
  }
  template <class T>
  std::vector<T> get(const Lazy& value) {
    const Array array = evaluate(device_, value);
    std::vector<T> out(static_cast<size_t>(array.size()));
    array.copy_to(out.data());
    return out;
  }
  // Kernels that computing a value takes.
  size_t kernels(const Lazy& value) {
    auto profile = std::make_shared<vk::Profile>();
    device_->start_profile(profile);
    evaluate(device_, value);
    device_->wait_idle();
    device_->stop_profile();
    return profile->commands().size();
  }
  std::vector<float> noise(size_t count) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> of(-2, 2);
    std::vector<float> values(count);
    for (float& value : values) value = of(random);
    return values;
  }
};

// Softmax over rows, whose lengths take words and single elements.
TEST_F(Reductions, AndWhatIsBuiltOnThemAreOneKernel) {
  for (const int64_t length : {64, 65, 1000, 4099}) {
    const int64_t rows = 17;
    const auto x = noise(static_cast<size_t>(rows * length));
    const Lazy in = put(x, {rows, length});
    const Lazy top = *reduce_rows(RowReduction::max, in), powers = op(E::exp, op(E::subtract, in, top));
    const Lazy soft = op(E::divide, powers, *reduce_rows(RowReduction::sum, powers));
    EXPECT_EQ(kernels(soft), 1u);
    const auto got = get<float>(soft);
    for (int64_t row = 0; row < rows; ++row) {
      const float* at = x.data() + row * length;
      const double most = *std::max_element(at, at + length);
      double sum = 0;
      for (int64_t i = 0; i < length; ++i) sum += std::exp(at[i] - most);
      for (int64_t i = 0; i < length; ++i)
        ASSERT_NEAR(got[static_cast<size_t>(row * length + i)], std::exp(at[i] - most) / sum,
                    2e-6 * std::exp(at[i] - most) / sum + 1e-12)
            << length << " " << row << " " << i;
    }
  }
}

TEST_F(Reductions, AllOfThemOnStridedRows) {
  const int64_t rows = 20, length = 96;
  std::vector<int32_t> x(static_cast<size_t>(rows * length * 2));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int32_t>((i * 7919) % 1001) - 500;
  const Array whole = put(x, {rows, length * 2});
  const Lazy backwards = whole.view((length * 2 - 1) * 4, {rows, length}, {length * 8, -8});  // every second one
  const auto least = get<int32_t>(*reduce_rows(RowReduction::min, backwards));
  const auto most = get<int32_t>(*reduce_rows(RowReduction::max, backwards));
  for (int64_t row = 0; row < rows; ++row) {
    int32_t low = INT32_MAX, high = INT32_MIN;
    for (int64_t i = 0; i < length; ++i) {
      low = std::min(low, x[static_cast<size_t>(row * length * 2 + 2 * i + 1)]);
      high = std::max(high, x[static_cast<size_t>(row * length * 2 + 2 * i + 1)]);
    }
    EXPECT_EQ(least[static_cast<size_t>(row)], low);
    EXPECT_EQ(most[static_cast<size_t>(row)], high);
  }
}

// Statements are the same; where results go is not.
TEST_F(Reductions, OneValueARowAndTheSameForEachElementAreTwoKernels) {
  for (const int64_t length : {64, 65}) {
    const int64_t rows = 20;
    const auto x = noise(static_cast<size_t>(rows * length));
    const Lazy in = put(x, {rows, length});
    const auto narrow = get<float>(*reduce_rows(RowReduction::max, in));
    const auto wide = get<float>(broadcast_to(*reduce_rows(RowReduction::max, in), {rows, length}));
    for (int64_t row = 0; row < rows; ++row) {
      const float most = *std::max_element(x.begin() + row * length, x.begin() + (row + 1) * length);
      ASSERT_EQ(narrow[static_cast<size_t>(row)], most);
      for (int64_t i = 0; i < length; ++i)
        ASSERT_EQ(wide[static_cast<size_t>(row * length + i)], most) << row << " " << i;
    }
  }
}

TEST_F(Reductions, AnotherShapeEndsTheKernel) {
  const Lazy x = put(noise(64 * 64), {64, 64});
  const Lazy sums = *reduce_rows(RowReduction::sum, x), other = put(noise(32), {1, 32});
  const Lazy mixed = op(E::add, sums, other);  // (64, 32): rows of another length
  EXPECT_EQ(kernels(mixed), 2u);
  EXPECT_EQ(mixed.shape(), (Dims{64, 32}));
}

TEST_F(Reductions, OfAllElementsGoOverRowsFirst) {
  const auto x = noise(size_t{64} * 1024);
  const Lazy in = put(x, {64 * 1024});
  const auto rows = reduce_in_rows(RowReduction::sum, op(E::multiply, in, in));
  ASSERT_TRUE(rows);
  const auto got = get<float>(*rows);
  double sum = 0, wanted = 0;
  for (const float value : got) sum += value;
  for (const float value : x) wanted += double(value) * value;
  EXPECT_NEAR(sum, wanted, wanted * 1e-6);
  EXPECT_FALSE(reduce_in_rows(RowReduction::sum, in)) << "an array already";
}

TEST_F(Reductions, AreNothingWhereRowsAreShortOrFew) {
  EXPECT_FALSE(reduce_rows(RowReduction::sum, put(noise(64), {16, 4})));
  EXPECT_FALSE(reduce_rows(RowReduction::sum, put(noise(1000), {1, 1000})));
  EXPECT_FALSE(reduce_rows(RowReduction::sum, put(noise(1), {})));
}

}  // namespace
}  // namespace forge::array
