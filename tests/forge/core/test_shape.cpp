#include "forge/core/shape.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "forge/support/errors.hpp"

namespace forge {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(Shape, HoldsUpToEightDimensions) {
  EXPECT_EQ((Dims{1, 2, 3, 4, 5, 6, 7, 8}).size(), 8u);
  EXPECT_CODE(BAD_SHAPE, Dims({1, 2, 3, 4, 5, 6, 7, 8, 9}));
  Dims dims{3};
  dims.push_back(4);
  EXPECT_EQ(dims, (Dims{3, 4}));
  EXPECT_FALSE((dims == Dims{3}));
  Dims full{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_CODE(BAD_SHAPE, full.push_back(9));
}

TEST(Shape, PrintsAsPythonDoes) {
  EXPECT_EQ(to_string(Dims{}), "()");
  EXPECT_EQ(to_string(Dims{3}), "(3,)");
  EXPECT_EQ(to_string(Dims{3, -4}), "(3, -4)");
}

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(element_count(Dims{}), 1);
  EXPECT_EQ(element_count(Dims{3, 4, 5}), 60);
  EXPECT_EQ(element_count(Dims{3, 0, 5}), 0);
  EXPECT_CODE(BAD_SHAPE, element_count(Dims{3, -1}));
  EXPECT_EQ(element_count(Dims{kHuge}), kHuge);
  EXPECT_CODE(LIMIT_EXCEEDED, element_count(Dims{kHuge}, 4));
  EXPECT_CODE(LIMIT_EXCEEDED, element_count(Dims{1LL << 32, 1LL << 31}));
  EXPECT_EQ(element_count(Dims{kHuge, 0}), 0);
  EXPECT_CODE(LIMIT_EXCEEDED, element_count(Dims{kHuge, 0}, 4));  // as in NumPy: the strides would overflow
  EXPECT_CODE(LIMIT_EXCEEDED, element_count(Dims{0, kHuge, kHuge}));
  EXPECT_CODE(BAD_SHAPE, element_count(Dims{kHuge, kHuge, -1}));
}

TEST(Shape, StridesReachNoFartherThanMemory) {
  EXPECT_EQ(byte_extent(Dims{3, 2}, Dims{-8, 4}, 4).low, -16);
  EXPECT_EQ(byte_extent(Dims{3, 2}, Dims{-8, 4}, 4).high, 8);
  EXPECT_EQ(byte_extent(Dims{1, 2}, Dims{kHuge, 4}, 4).high, 8);
  EXPECT_CODE(OUT_OF_RANGE, byte_extent(Dims{2}, Dims{kHuge}, 4));
  EXPECT_CODE(OUT_OF_RANGE, byte_extent(Dims{3}, Dims{-kHuge}, 4));
  EXPECT_CODE(OUT_OF_RANGE, byte_extent(Dims{2, 2}, Dims{kHuge - 3, 4}, 4));
}

TEST(Shape, ContiguousStridesAreContiguous) {
  EXPECT_EQ(contiguous_strides(Dims{2, 3, 4}, 4), (Dims{48, 16, 4}));
  EXPECT_EQ(contiguous_strides(Dims{}, 4), Dims{});
  for (const Dims& shape : {Dims{}, Dims{5}, Dims{2, 3}, Dims{2, 0, 3}, Dims{1, 1, 1}})
    EXPECT_TRUE(is_contiguous(shape, contiguous_strides(shape, 8), 8)) << to_string(shape);
}

TEST(Shape, GapsTurnsAndBroadcastsAreNotContiguous) {
  EXPECT_FALSE(is_contiguous(Dims{3}, Dims{8}, 4));
  EXPECT_FALSE(is_contiguous(Dims{3}, Dims{-4}, 4));
  EXPECT_FALSE(is_contiguous(Dims{3}, Dims{0}, 4));
  EXPECT_FALSE(is_contiguous(Dims{2, 3}, Dims{4, 8}, 4));
  EXPECT_TRUE(is_contiguous(Dims{1, 3}, Dims{999, 4}, 4)) << "one element has no stride";
  EXPECT_TRUE(is_contiguous(Dims{0, 3}, Dims{999, 77}, 4));
}

TEST(Shape, ReachesAsFarAsItsStrides) {
  const auto reach = [](const Dims& shape, const Dims& strides) {
    const ByteExtent extent = byte_extent(shape, strides, 4);
    return std::pair{extent.low, extent.high};
  };
  EXPECT_EQ(reach({}, {}), (std::pair<int64_t, int64_t>{0, 4}));
  EXPECT_EQ(reach({3, 4}, {16, 4}), (std::pair<int64_t, int64_t>{0, 48}));
  EXPECT_EQ(reach({3}, {-8}), (std::pair<int64_t, int64_t>{-16, 4}));
  EXPECT_EQ(reach({3, 4}, {-16, 4}), (std::pair<int64_t, int64_t>{-32, 16}));
  EXPECT_EQ(reach({3, 0}, {16, 4}), (std::pair<int64_t, int64_t>{0, 0}));
  EXPECT_EQ(reach({5}, {0}), (std::pair<int64_t, int64_t>{0, 4}));
}

}  // namespace
}  // namespace forge
