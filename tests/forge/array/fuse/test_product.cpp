#include "forge/array/fuse/product.hpp"

#include "forge/support/lazy.hpp"

namespace forge::array {
namespace {

using namespace forge::test;
using E = Elementwise;

class ProductTest : public LazyTest {};

TEST_F(ProductTest, WhatGoesOnFromAProductIsInItsKernel) {
  const Array a = put<float>({1, 2, 3, 4, 5, 6}, {2, 3}), b = put<float>({1, 0, 0, 1, 1, 1}, {3, 2});
  const Array row = put<float>({10, -100}), column = put<float>({1, 2}, {2, 1});
  const auto rest = [&](const Lazy& c) {
    return op(E::maximum, c * Lazy::number(2.0, DType::float32) + Lazy(row), column);
  };
  const std::vector<float> wanted{18, 1, 30, 2};  // of the product {4, 5, 10, 11}
  const auto alone = kernels([&] { get<float>(product(a, b)); });
  const auto together = kernels([&] { EXPECT_EQ(get<float>(rest(product(a, b))), wanted); });
  EXPECT_EQ(together.size(), alone.size());
  const Lazy kept = product(a, b);
  kept.node()->handles = 1;
  EXPECT_EQ(get<float>(rest(kept)), wanted);
  EXPECT_TRUE(kept.computed()) << "others may ask for it";
  EXPECT_THROW(product(a, a), Error);
  EXPECT_EQ(product(a, a, true).shape(), (Dims{3, 3}));
}

}  // namespace
}  // namespace forge::array
