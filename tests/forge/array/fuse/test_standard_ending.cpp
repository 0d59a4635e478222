#include "forge/array/fuse/standard_ending.hpp"

#include <cmath>

#include "forge/array/fuse/product.hpp"
#include "forge/support/lazy.hpp"

namespace forge::array {
namespace {

using namespace forge::test;
using E = Elementwise;

Lazy number(double value) { return Lazy::number(value, DType::float32); }
Lazy within(const Lazy& x, double low, double high) {
  return op(E::minimum, op(E::maximum, x, number(low)), number(high));
}
Lazy sigmoid(const Lazy& x) { return op(E::reciprocal, op(E::exp, number(0) - x) + number(1)); }

class StandardEndingTest : public LazyTest {
 protected:
  // What becomes of {{4, 5}, {10, 11}}, and whether the standard ending did it.
  void expect(const Lazy& value, const std::vector<double>& wanted, bool standard = true) {
    std::vector<float> got;
    std::string names;
    for (const std::string& name : kernels([&] { got = get<float>(value); })) names += name + "; ";
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-5 * std::abs(wanted[i]) + 1e-6) << i;
    EXPECT_EQ(names.find("STANDARD") != std::string::npos, standard) << names;
  }
  Lazy sums() {
    const Array a = put<float>({1, 2, 3, 4, 5, 6}, {2, 3}), b = put<float>({1, 0, 0, 1, 1, 1}, {3, 2});
    return product(a, b);
  }
};

TEST_F(StandardEndingTest, ScalesBiasesAndResidualsAreSummed) {
  const Array rows = put<float>({2, -1}, {2, 1}), columns = put<float>({10, 20}),
              all = put<float>({1, 2, 3, 4}, {2, 2});
  expect(sums() * Lazy(rows) + Lazy(put<float>({1, 5}, {2, 1})), {9, 11, -5, -6});
  expect(sums() + Lazy(columns), {14, 25, 20, 31});
  expect(sums() + Lazy(columns) + Lazy(all), {15, 27, 23, 35});
  expect(op(E::maximum, sums() * Lazy(rows) + Lazy(all), number(0)), {9, 12, 0, 0});
  expect(op(E::maximum, sums() - number(10), number(0)) + Lazy(all), {1, 2, 3, 5});
}

TEST_F(StandardEndingTest, GatesAndSigmoidsGoOnFromTheSameSums) {
  const Lazy z = sums() - number(8);  // -4, -3, 2, 3
  expect(z * within(z * number(1.0 / 6) + number(0.5), 0, 1), {0, 0, 2 * 5.0 / 6, 3});
  expect(z * sigmoid(z),
         {-4 / (1 + std::exp(4)), -3 / (1 + std::exp(3)), 2 / (1 + std::exp(-2)), 3 / (1 + std::exp(-3))});
  expect(number(2) - sigmoid(z) * number(3), {2 - 3 / (1 + std::exp(4)), 2 - 3 / (1 + std::exp(3)),
                                              2 - 3 / (1 + std::exp(-2)), 2 - 3 / (1 + std::exp(-3))});
}

TEST_F(StandardEndingTest, WhatIsNoneOfItHasAKernelOfItsOwn) {
  const Lazy z = sums() - number(8);
  expect(op(E::tanh, z), {std::tanh(-4), std::tanh(-3), std::tanh(2), std::tanh(3)}, false);
  expect(z * z, {16, 9, 4, 9}, false);
  expect(op(E::maximum, sums() * Lazy(put<float>({2, -1})), number(0)), {8, 0, 20, 0}, false);  // a scale by columns
}

TEST_F(StandardEndingTest, NothingAtAllIsOneToo) { EXPECT_FALSE(neutral_ending()->reads_arrays()); }

}  // namespace
}  // namespace forge::array
