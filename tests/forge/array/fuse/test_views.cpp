#include "forge/array/fuse/views.hpp"

#include "forge/array/fuse/elementwise.hpp"

#include "forge/support/device.hpp"

namespace forge::array {
namespace {

using namespace forge::test;

class Views : public DeviceTest {
 protected:
  Array values(const Dims& shape) {
    std::vector<float> numbers(static_cast<size_t>(element_count(shape)));
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
    return Array::from_values(device_, DType::float32, shape, contiguous_strides(shape, 4), numbers.data());
  }
  static Lazy sum(const Lazy& a, const Lazy& b) { return elementwise(Elementwise::add, std::array{a, b}); }
  std::vector<float> read(const Lazy& value) {
    std::vector<float> out(static_cast<size_t>(element_count(value.shape())));
    evaluate(device_, value).copy_to(out.data());
    return out;
  }
};

// x[1:, ::-2, None] of (3, 4)
View part() {
  View view;
  view.first = {1, 3};
  view.add(0, 2, 1);
  view.add(1, 2, -2);
  view.add(View::kNew, 1, 0);
  return view;
}

TEST_F(Views, OfMemory) {
  const Array seen = part().of(values({3, 4}));
  EXPECT_EQ(seen.shape(), (Dims{2, 2, 1}));
  EXPECT_EQ(read(seen), (std::vector<float>{7, 5, 11, 9}));
}

TEST_F(Views, OfAnExpressionWhoseOperandsBroadcast) {
  const Lazy value = sum(values({3, 4}), values({4}));
  const auto seen = viewed(value, part());
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->shape(), (Dims{2, 2, 1}));
  EXPECT_EQ(read(*seen), (std::vector<float>{10, 6, 14, 10}));
  EXPECT_FALSE(value.computed());
}

TEST_F(Views, CostlyValuesAreNotComputedAgainAlongNewAxes) {
  const Lazy costly = elementwise(Elementwise::exp, std::array{Lazy(values({3, 4}))});
  EXPECT_FALSE(viewed(costly, part()));
  View turned;
  turned.first = {0, 0};
  turned.add(1, 4, 1);
  turned.add(0, 3, 1);
  EXPECT_TRUE(viewed(costly, turned));
}

TEST_F(Views, WhatIsNotElementwiseIsComputedFirst) {
  EXPECT_FALSE(viewed(rolled(values({3, 4}), {1, 0}), part()));
  EXPECT_FALSE(viewed(Lazy(values({3, 4})), part()));
}

TEST_F(Views, AnotherShape) {
  const Array all = values({3, 4});
  const auto seen = reshaped(sum(all, Lazy::number(1.0, DType::float32)), {2, 6});
  ASSERT_TRUE(seen);
  EXPECT_EQ(read(*seen)[7], 8);
  EXPECT_FALSE(reshaped(sum(all, values({4})), {2, 6}));  // a row has no place in it
}

TEST_F(Views, RollsWantANumberAnAxis) { EXPECT_CODE(BAD_SHAPE, rolled(values({3, 4}), {1})); }

}  // namespace
}  // namespace forge::array
