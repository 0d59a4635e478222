#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <thread>

#include "forge/array/fuse/elementwise.hpp"
#include "forge/support/lazy.hpp"

namespace forge::array {
namespace {

using namespace forge::test;
using E = Elementwise;

class Evaluate : public LazyTest {};

// Values with every edge of a type among them, but no subnormal numbers.
template <class T>
std::vector<T> edges(size_t count, unsigned seed) {
  using L = std::numeric_limits<T>;
  std::vector<T> values{
      T(0), T(1), T(2), T(3), T(5), T(7), L::max(), L::lowest(), T(L::max() - T(1)), T(L::max() / T(2))};
  // One at a time: GCC 12 at -O3 warns of a memmove in vector::insert that cannot happen.
  const auto add = [&](std::initializer_list<T> more) {
    for (const T value : more) values.push_back(value);
  };
  if constexpr (std::is_signed_v<T>) add({T(-1), T(-2), T(-3), T(-7), T(-0.0)});
  if constexpr (std::is_floating_point_v<T>)
    add({L::infinity(), -L::infinity(), L::quiet_NaN(), T(0.5), T(1.5), T(2.5), T(-0.5), T(-2.5), T(1) / T(3),
         T(16777217), T(1e30)});
  std::mt19937 random(seed);
  const size_t known = values.size();
  while (values.size() < count) values.push_back(values[random() % known]);
  std::shuffle(values.begin(), values.end(), random);
  return values;
}

// The oracle: one operation on one pair, in the host's own arithmetic; nothing where it has no meaning.
template <class T>
T wrapped(uint64_t bits) {
  return static_cast<T>(bits);
}

template <class T>
std::optional<T> integer_result(E which, T a, T b) {
  const auto wide = [](T x) { return static_cast<uint64_t>(static_cast<int64_t>(x)); };
  const auto bits = static_cast<uint64_t>(sizeof(T) * 8);
  const bool negative = std::is_signed_v<T> && a < T(0);
  switch (which) {
    case E::add: return wrapped<T>(wide(a) + wide(b));
    case E::subtract: return wrapped<T>(wide(a) - wide(b));
    case E::multiply: return wrapped<T>(wide(a) * wide(b));
    case E::negative: return wrapped<T>(uint64_t{0} - wide(a));
    case E::floor_divide:
    case E::remainder: {
      if (b == T(0)) return T(0);
      if (std::is_signed_v<T> && b == static_cast<T>(-1))
        return which == E::remainder ? T(0) : wrapped<T>(uint64_t{0} - wide(a));
      T q = static_cast<T>(a / b);
      const T r = static_cast<T>(a % b);
      if (r != T(0) && (r < T(0)) != (b < T(0))) q = static_cast<T>(q - T(1));
      return which == E::floor_divide ? q : wrapped<T>(wide(a) - wide(q) * wide(b));
    }
    case E::minimum: return std::min(a, b);
    case E::maximum: return std::max(a, b);
    case E::abs: return negative ? wrapped<T>(uint64_t{0} - wide(a)) : a;
    case E::sign: return static_cast<T>(negative ? -1 : a > T(0) ? 1 : 0);
    case E::square: return wrapped<T>(wide(a) * wide(a));
    case E::bitwise_invert: return wrapped<T>(~wide(a));
    case E::bitwise_and: return wrapped<T>(wide(a) & wide(b));
    case E::bitwise_or: return wrapped<T>(wide(a) | wide(b));
    case E::bitwise_xor: return wrapped<T>(wide(a) ^ wide(b));
    case E::bitwise_left_shift: return b < T(0) || wide(b) >= bits ? T(0) : wrapped<T>(wide(a) << wide(b));
    case E::bitwise_right_shift:
      if (b < T(0) || wide(b) >= bits) return static_cast<T>(negative ? -1 : 0);
      return static_cast<T>(a >> b);
    case E::positive:
    case E::floor:
    case E::ceil:
    case E::trunc:
    case E::round: return a;
    default: return std::nullopt;
  }
}

template <class T>
std::optional<T> float_result(E which, T a, T b) {
  switch (which) {
    case E::add: return a + b;
    case E::subtract: return a - b;
    case E::multiply: return a * b;
    case E::divide: return a / b;
    case E::minimum: return std::isnan(a) || a < b ? a : b;
    case E::maximum: return std::isnan(a) || a > b ? a : b;
    case E::positive: return a;
    case E::negative: return -a;
    case E::abs: return std::abs(a);
    case E::sign: return std::isnan(a) ? a : T(a > 0) - T(a < 0);
    case E::square: return a * a;
    case E::floor: return std::floor(a);
    case E::ceil: return std::ceil(a);
    case E::trunc: return std::trunc(a);
    case E::round: return std::nearbyint(a);
    default: return std::nullopt;
  }
}

template <class T>
std::optional<bool> truth(E which, T a, T b) {
  switch (which) {
    case E::equal: return a == b;
    case E::not_equal: return a != b;
    case E::less: return a < b;
    case E::less_equal: return a <= b;
    case E::greater: return a > b;
    case E::greater_equal: return a >= b;
    case E::isnan: return a != a;
    case E::isinf: return std::isinf(static_cast<double>(a));
    case E::isfinite: return std::isfinite(static_cast<double>(a));
    case E::signbit: return std::signbit(static_cast<double>(a));
    case E::logical_not: return a == T(0);
    case E::logical_and: return a != T(0) && b != T(0);
    case E::logical_or: return a != T(0) || b != T(0);
    case E::logical_xor: return (a != T(0)) != (b != T(0));
    default: return std::nullopt;
  }
}

template <class T>
class EveryOperation : public Evaluate {
 protected:
  static bool same(T got, T wanted) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(got) || std::isnan(wanted)) return std::isnan(got) && std::isnan(wanted);
      if (std::fpclassify(wanted) == FP_SUBNORMAL && got == 0) return true;  // Vulkan lets devices take them for 0
    }
    return got == wanted;
  }
  std::optional<T> result(E which, T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
      return float_result<T>(which, a, b);
    else
      return integer_result<T>(which, a, b);
  }
};
using Types = ::testing::Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, float, double>;
TYPED_TEST_SUITE(EveryOperation, Types);

TYPED_TEST(EveryOperation, TheHostFormHasTheDevicesBits) {
  using T = TypeParam;
  if (!this->runs(dtype_of<T>())) GTEST_SKIP() << "the device lacks the dtype";
  const auto x = edges<T>(2000, 5), y = edges<T>(2000, 6);
  const Array a = this->put(x), b = this->put(y);
  size_t tried = 0;
  for (const ElementwiseRow& row : elementwise_rows()) {
    const bool exact = row.op <= Elementwise::where || !std::is_floating_point_v<T>;
    if (!exact || row.rule == DtypeRule::real || row.rule == DtypeRule::join || row.rule == DtypeRule::choose ||
        row.expression(dtype_of<T>()).empty())
      continue;
    if (row.name == "floor_divide" || row.name == "remainder") {
      if (std::is_floating_point_v<T>) continue;  // test_elementary.cpp
    }
    const auto both = [&] { return row.operands == 1 ? op(row.op, a) : op(row.op, a, b); };
    ++tried;
    const auto values = [&](bool device_alone) {
      compute_on_device_alone(*this->device_, device_alone);
      return this->template get<T>(cast(both(), dtype_of<T>()));
    };
    const auto device = values(true), host = values(false);
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_TRUE(this->same(device[i], host[i]))
          << row.name << " of " << +x[i] << " and " << +y[i] << ": " << +device[i] << " and on the host " << +host[i];
  }
  EXPECT_GT(tried, 20u);
}

TYPED_TEST(EveryOperation, HasTheValuesOfTheHost) {
  using T = TypeParam;
  if (!this->runs(dtype_of<T>())) GTEST_SKIP() << "the device lacks the dtype";
  const auto x = edges<T>(1000, 1), y = edges<T>(1000, 2);
  const Lazy a = this->put(x), b = this->put(y);
  size_t tried = 0;
  for (const ElementwiseRow& row : elementwise_rows()) {
    const bool answers = row.rule == DtypeRule::compare || row.rule == DtypeRule::ask || row.rule == DtypeRule::logical;
    if (!answers && !this->result(row.op, T(1), T(1)))
      continue;  // no meaning for T, or another result: tried elsewhere
    const Lazy z = row.operands == 1 ? op(row.op, a) : op(row.op, a, b);
    ++tried;
    if (z.dtype() == DType::bool_) {
      const auto got = this->template get<T>(cast(z, dtype_of<T>()));
      if (this->runs(DType::bool_)) {
        const auto stored = this->get_bool(z);
        ASSERT_TRUE(std::equal(got.begin(), got.end(), stored.begin(), [](T x, uint8_t y) { return x == T(y); }));
      }
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(got[i] != T(0), *truth<T>(row.op, x[i], y[i])) << row.name << " of " << +x[i] << " and " << +y[i];
      continue;
    }
    const auto got = this->template get<T>(z);
    for (size_t i = 0; i < x.size(); ++i) {
      const T wanted = this->result(row.op, x[i], y[i]).value_or(T(0));
      ASSERT_TRUE(this->same(got[i], wanted))
          << row.name << " of " << +x[i] << " and " << +y[i] << ": " << +got[i] << ", wanted " << +wanted;
    }
  }
  EXPECT_GT(tried, 25u);
}

TEST_F(Evaluate, AChainIsOneKernel) {
  const auto x = edges<float>(4096, 3);
  const Lazy a = put(x);
  Lazy z = a;
  for (int i = 0; i < 20; ++i) z = z * Lazy::number(0.5, DType::float32) + a;
  EXPECT_EQ(z.pending(), 40u);
  EXPECT_EQ(kernels([&] { evaluate(device_, z); }).size(), 1u);
  const auto got = get<float>(z);
  for (size_t i = 0; i < x.size(); ++i) {
    float wanted = x[i];
    for (int k = 0; k < 20; ++k) wanted = wanted * 0.5f + x[i];
    ASSERT_TRUE(got[i] == wanted || (std::isnan(got[i]) && std::isnan(wanted))) << x[i];
  }
}

TEST_F(Evaluate, EqualStructuresShareAKernelWhateverTheirNumbersAndSizes) {
  for (const int64_t n : {4, 400, 4000}) {
    const Lazy a = put(std::vector<float>(static_cast<size_t>(n), 3.0f));
    EXPECT_EQ(get<float>(a * Lazy::number(double(n), DType::float32)).back(), 3.0f * float(n));
  }
}

TEST_F(Evaluate, ValuesOfAShapeShareAKernelAndTheirParts) {
  const Lazy a = put(std::vector<float>{1, 2, 3, 4});
  const Lazy part = a * a, p = part + a, q = part - a;
  EXPECT_EQ(kernels([&] { evaluate(device_, std::array{p, q}); }), std::vector<std::string>{"multiply_add_subtract"});
  EXPECT_EQ(get<float>(p), (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(get<float>(q), (std::vector<float>{0, 2, 6, 12}));
  EXPECT_TRUE(kernels([&] { evaluate(device_, std::array{p, q}); }).empty()) << "computed once";
}

TEST_F(Evaluate, BroadcastsAndStrides) {
  if (!device_->limits().host_import_alignment) GTEST_SKIP() << "no host memory with strides of its own";
  std::vector<float> memory(64);
  for (size_t i = 0; i < 64; ++i) memory[i] = float(i);
  const auto view = [&](const Dims& shape, Dims strides, size_t first) {
    for (size_t i = 0; i < strides.size(); ++i) strides[i] *= 4;
    return Array::from_host(device_, DType::float32, shape, strides, memory.data() + first, true, nullptr);
  };
  const Lazy turned = view({8, 8}, {1, 8}, 0), reversed = view({8, 8}, {-8, -1}, 63), row = view({8}, {2}, 1),
             column = view({8, 1}, {8, 0}, 0);
  const auto got = get<float>((turned + reversed) * row - column);
  for (size_t i = 0; i < 8; ++i)
    for (size_t j = 0; j < 8; ++j)
      ASSERT_EQ(got[i * 8 + j], (memory[j * 8 + i] + memory[63 - i * 8 - j]) * memory[1 + 2 * j] - memory[i * 8])
          << i << " " << j;
}

TEST_F(Evaluate, LongRowsAndDeepShapes) {
  const Dims shape{3, 2, 70, 300};
  std::vector<int32_t> x(size_t{3} * 2 * 70 * 300), y(size_t{3} * 70 * 300), z(300);
  for (size_t i = 0; i < x.size(); ++i) x[i] = int32_t(i * 7919);
  for (size_t i = 0; i < y.size(); ++i) y[i] = int32_t(i * 31);
  for (size_t i = 0; i < z.size(); ++i) z[i] = int32_t(i);
  const auto got = get<int32_t>(Lazy(put(x, shape)) + Lazy(put(y, {3, 1, 70, 300})) * Lazy(put(z)));
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t last = i % 300, third = i / 300 % 70, first = i / 300 / 70 / 2;
    ASSERT_EQ(got[i], x[i] + y[(first * 70 + third) * 300 + last] * z[last]) << i;
  }
}

TEST_F(Evaluate, EveryLengthUpToAndAroundAWorkgroup) {
  for (const size_t n :
       {1u, 2u, 3u, 4u, 5u, 63u, 64u, 255u, 256u, 257u, 8188u, 8192u, 8193u, 16384u, 16385u, 100003u}) {
    std::vector<uint32_t> x(n);
    for (size_t i = 0; i < n; ++i) x[i] = uint32_t(i);
    const auto got = get<uint32_t>(Lazy(put(x)) + Lazy::number(int64_t{5}, DType::uint32));
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], i + 5) << n;
  }
}

TEST_F(Evaluate, ATailOfBoundWords) {
  for (const size_t n : {65537u, 65538u, 65539u, 262143u}) {
    std::vector<int32_t> x(n), y(n);
    for (size_t i = 0; i < n; ++i) x[i] = int32_t(i), y[i] = int32_t(n - i);
    const Lazy one = put(std::vector<int32_t>{3}, {1});
    const auto got = get<int32_t>(Lazy(put(x)) * one + Lazy(put(y)));
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], x[i] * 3 + y[i]) << i << " of " << n;
  }
}

TEST_F(Evaluate, EmptyAndZeroDimensional) {
  const Lazy nothing = Array::empty(device_, DType::float32, {0, 3});
  EXPECT_EQ(evaluate(device_, nothing + nothing).shape(), (Dims{0, 3}));
  const Lazy one = Lazy::number(2.5, DType::float32);
  EXPECT_EQ(get<float>(one * one), std::vector<float>{6.25f});
  EXPECT_EQ(get<int32_t>(Lazy::number(int64_t{-3}, DType::int32)), std::vector<int32_t>{-3});
}

TEST_F(Evaluate, CastsAndConditions) {
  const Lazy a = put(std::vector<float>{-1.5f, 0.0f, 2.75f, 300.0f});
  EXPECT_EQ(get<int32_t>(cast(a, DType::int32)), (std::vector<int32_t>{-1, 0, 2, 300}));
  const Lazy positive = op(E::greater, a, Lazy::number(0.0, DType::float32));
  EXPECT_EQ(get<float>(elementwise(E::where, std::array{positive, a, op(E::negative, a)})),
            (std::vector<float>{1.5f, 0.0f, 2.75f, 300.0f}));
  EXPECT_EQ(get<float>(cast(positive, DType::float32)), (std::vector<float>{0, 0, 1, 1}));
}

TEST_F(Evaluate, HalfFloatsRoundAfterEachOperation) {
  if (!device_->has("storageBuffer16BitAccess") || !device_->has("shaderFloat16")) GTEST_SKIP() << "no float16";
  const Lazy a = cast(Lazy(put(std::vector<float>{2048.0f, 1.0f})), DType::float16);
  const Lazy one = Lazy::number(1.0, DType::float16);
  EXPECT_EQ(get<float>(cast(a + one + one, DType::float32)), (std::vector<float>{2048.0f, 3.0f})) << "2049 is no half";
  const float tiny = 0x1p-24f, inf = std::numeric_limits<float>::infinity();
  const Lazy edge = put(std::vector<float>{65519, 65520, -65520, 1.5f * tiny, 2.5f * tiny, 0.25f * tiny, 0x1.ffep-15f,
                                           0x1.002p0f, 0x1.006p0f, -inf});
  EXPECT_EQ(get<float>(cast(cast(edge, DType::float16), DType::float32)),
            (std::vector<float>{65504, inf, -inf, 2 * tiny, 2 * tiny, 0, 0x1p-14f, 1, 0x1.008p0f, -inf}));
  if (!runs(DType::float64)) return;
  const Lazy twice = put(std::vector<double>{0x1.0020000001p0, 0x1.001fffffffp0, 0x1.002p0, -0x1.0020000001p0});
  EXPECT_EQ(get<float>(cast(cast(twice, DType::float16), DType::float32)),
            (std::vector<float>{0x1.004p0f, 1, 1, -0x1.004p0f}))
      << "rounded once";
}

TEST_F(Evaluate, LongChainsAreCutAndManyInputsTakeSeveralKernels) {
  const Lazy one = put(std::vector<int32_t>(1024, 1));
  Lazy sum = one;
  for (int i = 0; i < 1000; ++i) {
    sum = sum + one;
    ASSERT_LE(sum.pending(), 64u);
  }
  EXPECT_EQ(get<int32_t>(sum), std::vector<int32_t>(1024, 1001));
  std::vector<Lazy> many;
  for (int32_t i = 0; i < 40; ++i) many.emplace_back(put(std::vector<int32_t>(8, i)));
  while (many.size() > 1) {  // a tree of them all
    std::vector<Lazy> next;
    for (size_t i = 0; i + 1 < many.size(); i += 2) next.push_back(many[i] + many[i + 1]);
    if (many.size() % 2 == 1) next.push_back(many.back());
    many = next;
  }
  EXPECT_GT(kernels([&] { evaluate(device_, many[0]); }).size(), 1u);
  EXPECT_EQ(get<int32_t>(many[0]), std::vector<int32_t>(8, 780));
}

TEST_F(Evaluate, ALoopOfManyStepsNeitherGrowsNorCompilesAgain) {
  Lazy x = put(std::vector<float>(256, 1.0f));
  const Lazy half = Lazy::number(0.5, DType::float32);
  const auto step = [&] {
    x = x * half + half;
    evaluate(device_, x);
  };
  for (int i = 0; i < 50; ++i) step();
  device_->wait_idle();
  device_->collect();
  const vk::ObjectCounts before = device_->counts();
  for (int i = 0; i < 2000; ++i) step();
  device_->wait_idle();
  device_->collect();
  const vk::ObjectCounts after = device_->counts();
  EXPECT_EQ(after.pipelines, before.pipelines);
  EXPECT_EQ(after.buffers, before.buffers);
  EXPECT_EQ(get<float>(x), std::vector<float>(256, 1.0f));
}

TEST_F(Evaluate, ThreadsBuildAndEvaluateTogether) {
  const Lazy base = put(std::vector<int32_t>(4096, 2));
  const Lazy shared = base * base;
  std::vector<int32_t> results(4);
  std::vector<std::thread> threads;
  for (int32_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int32_t i = 0; i < 50; ++i) {
        const Lazy mine = shared + Lazy::number(int64_t{t}, DType::int32);
        const Array array = evaluate(device_, mine);
        std::vector<int32_t> values(4096);
        array.copy_to(values.data());
        results[static_cast<size_t>(t)] += values[4095];
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (int32_t t = 0; t < 4; ++t) EXPECT_EQ(results[static_cast<size_t>(t)], 50 * (4 + t));
}

TEST_F(Evaluate, RefusesWhatCannotBe) {
  const Lazy a = put(std::vector<float>(6), {2, 3}), b = put(std::vector<float>(4), {2, 2});
  EXPECT_CODE(BAD_SHAPE, a + b);
  EXPECT_CODE(BAD_DTYPE, op(E::bitwise_and, a, a));
  EXPECT_CODE(BAD_DTYPE, cast(cast(a, DType::complex64), DType::float32));
  EXPECT_CODE(BAD_SHAPE, broadcast_to(a, {3, 2}));
  EXPECT_CODE(INVALID_ARGUMENT, elementwise(E::add, std::array{a}));
  const auto other = own_device();
  const Array elsewhere = Array::empty(other, DType::float32, {2, 3});
  EXPECT_CODE(INVALID_ARGUMENT, a + Lazy(elsewhere));
}

TEST_F(Evaluate, ElementsAreReadAtPlacesThatAreComputed) {
  const Array table = put<float>({10, 20, 30, 40});
  const Lazy places = Lazy(put<int32_t>({0, 1, 2, 1})) + Lazy::number(int64_t{1}, DType::int32);
  const Lazy value = gathered(table, places) * Lazy::number(2.0, DType::float32);
  const auto names = kernels([&] { EXPECT_EQ(get<float>(value), (std::vector<float>{40, 60, 80, 60})); });
  EXPECT_EQ(names, (std::vector<std::string>{"add_gather_multiply"}));
  compute_on_device_alone(*device_, false);
  EXPECT_EQ(get<float>(gathered(table, places) + Lazy(table)), (std::vector<float>{30, 50, 70, 70})) << "by the host";
  EXPECT_THROW(gathered(put<float>({1, 2}, {2, 1}), places), Error);
  EXPECT_THROW(gathered(table, Lazy(table)), Error);
}

}  // namespace
}  // namespace forge::array
