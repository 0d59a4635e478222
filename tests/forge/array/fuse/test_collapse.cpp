#include "forge/array/fuse/collapse.hpp"

#include "forge/support/device.hpp"

namespace forge::array {
namespace {

using namespace forge::test;

class Collapse : public DeviceTest {
 protected:
  // float32 values over pages of the test's own, with strides in elements.
  Array view(const Dims& shape, Dims strides, size_t first = 0) {
    for (size_t i = 0; i < strides.size(); ++i) strides[i] *= 4;
    return Array::from_host(device_, DType::float32, shape, strides, memory_.data() + first, true, nullptr);
  }
  std::vector<float> memory_ = std::vector<float>(4096);
};

TEST_F(Collapse, ContiguousAxesAreOne) {
  const Walk walk = walk_of({2, 3, 4}, {view({2, 3, 4}, {12, 4, 1}), view({2, 3, 4}, {12, 4, 1})});
  EXPECT_EQ(walk.shape, Dims{24});
  EXPECT_TRUE(walk.contiguous(0) && walk.contiguous(1));
}

TEST_F(Collapse, BroadcastAxesStayApart) {
  const Walk walk = walk_of({2, 3, 4}, {view({2, 3, 4}, {12, 4, 1}), view({4}, {1})});
  EXPECT_EQ(walk.shape, (Dims{6, 4}));
  EXPECT_EQ(walk.strides[1], (Dims{0, 1}));
  EXPECT_FALSE(walk.uniform(1));
}

TEST_F(Collapse, OneElementIsUniform) {
  const Walk walk = walk_of({2, 3}, {view({}, {}), view({1, 1}, {7, 9}), view({2, 3}, {3, 1})});
  EXPECT_EQ(walk.shape, Dims{6});
  EXPECT_TRUE(walk.uniform(0) && walk.uniform(1));
  EXPECT_TRUE(walk.contiguous(2));
}

TEST_F(Collapse, NegativeAndTransposedStridesAreKept) {
  const Walk walk = walk_of({4, 5}, {view({4, 5}, {1, 4}), view({4, 5}, {-5, -1}, 19)});
  EXPECT_EQ(walk.shape, (Dims{4, 5}));
  EXPECT_EQ(walk.strides[0], (Dims{1, 4}));
  EXPECT_EQ(walk.strides[1], (Dims{-5, -1}));
}

TEST_F(Collapse, ExtentsOfOneGo) {
  const Walk walk = walk_of({1, 6, 1}, {view({1, 6, 1}, {100, 2, 50})});
  EXPECT_EQ(walk.shape, Dims{6});
  EXPECT_EQ(walk.strides[0], Dims{2});
  EXPECT_EQ(walk_of({}, {view({}, {})}).shape, Dims{1});
}

TEST_F(Collapse, AxesBehindTheOneReadAheadAreOneWithIt) {
  const Array whole = view({4, 3, 5}, {15, 5, 1});
  const Walk outer = walk_of({4, 3, 5}, {whole, whole}, false, {{3, 0, 0}});
  EXPECT_EQ(outer.shape, Dims{60});
  EXPECT_EQ(outer.ahead[0], Dims{45});
  EXPECT_TRUE(outer.is_ahead(0) && !outer.is_ahead(1));
  const Walk inner = walk_of({4, 3, 5}, {whole, whole}, false, {{}, {0, 2, 1}});
  EXPECT_EQ(inner.shape, (Dims{4, 3, 5}));
  EXPECT_EQ(inner.ahead[1], (Dims{0, 2, 1}));
  EXPECT_FALSE(walk_of({4, 3}, {view({1, 3}, {3, 1})}, false, {{2, 0}}).is_ahead(0));  // one row is every row
}

TEST_F(Collapse, StridesBetweenElementsAreRefused) {
  const auto odd = Array::from_host(device_, DType::float32, {3}, {6}, memory_.data(), true, nullptr);
  EXPECT_CODE(NOT_CONTIGUOUS, walk_of({3}, {odd}));
}

}  // namespace
}  // namespace forge::array
