#include "forge/array/array.hpp"

#include <cstring>
#include <numeric>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::array {
namespace {

using namespace forge::test;
using Values = std::vector<uint32_t>;

class ArrayTest : public DeviceTest {
 protected:
  static Values counted(size_t count) {
    Values values(count);
    std::iota(values.begin(), values.end(), 0u);
    return values;
  }
  static Values out(const Array& array) {
    Values values(static_cast<size_t>(array.size()));
    array.copy_to(values.data());
    return values;
  }
};

TEST_F(ArrayTest, KeepsEveryDtypesBytes) {
  for (const DTypeRow& row : dtype_rows()) {
    const Dims shape{3, 5};
    const Values noisy = noise(15 * row.size / 4 + 1);
    const auto array = Array::from_values(device_, row.dtype, shape, contiguous_strides(shape, row.size), noisy.data());
    EXPECT_EQ(array.dtype(), row.dtype);
    EXPECT_EQ(array.nbytes(), 15 * row.size);
    EXPECT_TRUE(array.contiguous() && array.writable());
    std::vector<std::byte> got(array.nbytes());
    array.copy_to(got.data());
    EXPECT_EQ(std::memcmp(got.data(), noisy.data(), got.size()), 0) << row.name;
  }
}

TEST_F(ArrayTest, StridedValuesArriveInOrder) {
  const Values v = counted(24);
  const auto take = [&](const Dims& shape, const Dims& strides, size_t first) {
    return out(Array::from_values(device_, DType::uint32, shape, strides, v.data() + first));
  };
  EXPECT_EQ(take({4, 6}, {24, 4}, 0), v);
  EXPECT_EQ(take({2, 3}, {4, 8}, 0), (Values{0, 2, 4, 1, 3, 5})) << "transposed";
  EXPECT_EQ(take({4}, {-4}, 3), (Values{3, 2, 1, 0})) << "turned round";
  EXPECT_EQ(take({2, 2}, {0, 4}, 0), (Values{0, 1, 0, 1})) << "repeated";
  EXPECT_EQ(take({2, 2, 2}, {48, 24, 4}, 1), (Values{1, 2, 7, 8, 13, 14, 19, 20}));
  EXPECT_EQ(take({2, 2, 2}, {-48, 24, -4}, 13), (Values{13, 12, 19, 18, 1, 0, 7, 6}));
  EXPECT_EQ(take({1, 1, 1, 1, 1, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 4, 8}, 0), (Values{0, 2, 1, 3})) << "eight axes";
}

TEST_F(ArrayTest, GatherMatchesAnIndexLoopForEverySize) {
  std::vector<std::byte> from(4096), to(4096);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>(i * 37 % 251);
  for (const size_t size : {1, 2, 4, 8, 16})
    for (const auto& [a, b] : {std::pair<int64_t, int64_t>{7, 2}, {-5, 3}, {1, -9}}) {
      const auto s = static_cast<int64_t>(size);
      gather(to.data(), from.data() + 1500, Dims{6, 7}, Dims{a * s, b * s}, size);
      for (int64_t i = 0; i < 6; ++i)
        for (int64_t j = 0; j < 7; ++j)
          ASSERT_EQ(std::memcmp(to.data() + (i * 7 + j) * s, from.data() + 1500 + (i * a + j * b) * s, size), 0)
              << size << ": " << i << " " << j;
    }
}

TEST_F(ArrayTest, NothingAndASingleNumber) {
  const uint32_t seven = 7;
  EXPECT_EQ(out(Array::from_values(device_, DType::uint32, {}, {}, &seven)), Values{7});
  const auto empty = Array::from_values(device_, DType::uint32, {3, 0, 2}, {8, 8, 4}, nullptr);
  EXPECT_EQ(empty.size(), 0);
  EXPECT_EQ(empty.nbytes(), 0u);
  empty.copy_to(nullptr);
  EXPECT_EQ(Array::empty(device_, DType::float64, {0}).shape(), Dims{0});
}

TEST_F(ArrayTest, ShapesBeyondReasonAreRefused) {
  EXPECT_CODE(BAD_SHAPE, Array::empty(device_, DType::uint8, {-1}));
  EXPECT_CODE(LIMIT_EXCEEDED, Array::empty(device_, DType::uint8, {1LL << 62, 4}));
  const auto code = error_of([&] { Array::empty(device_, DType::uint8, {1LL << 50}); }).code();
  EXPECT_TRUE(code == ErrorCode::LIMIT_EXCEEDED || code == ErrorCode::OUT_OF_DEVICE_MEMORY);
}

TEST_F(ArrayTest, PartsOfABuffer) {
  const auto buffer = buffer_of(device_, counted(16));
  const auto part = Array::over(vk::BufferRef(buffer).part(8, 24), DType::uint32, {2, 3});
  EXPECT_EQ(out(part), (Values{2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(part.bytes().offset, 8u);
  EXPECT_CODE(TOO_SMALL, Array::over(vk::BufferRef(buffer).part(8, 23), DType::uint32, {2, 3}));
  EXPECT_CODE(NOT_CONTIGUOUS, Array::over(vk::BufferRef(buffer).part(2, 24), DType::uint32, {2}));
  const Values fresh{9, 8, 7, 6, 5, 4};
  part.copy_from(part.strides(), fresh.data());
  EXPECT_EQ(words_of(buffer), (Values{0, 1, 9, 8, 7, 6, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15}));
}

TEST_F(ArrayTest, HostMemoryIsUsedInPlace) {
  if (device_->limits().host_import_alignment == 0) GTEST_SKIP() << "the device cannot import host memory";
  Values v = counted(24);
  auto kernel = kernel_of(device_, kAddAt);
  {
    const auto array = Array::from_host(device_, DType::uint32, {4, 6}, {24, 4}, v.data(), true, nullptr);
    EXPECT_TRUE(array.in_place());
    EXPECT_EQ(array.host(false), reinterpret_cast<std::byte*>(v.data()));
    run(*kernel, {test::array("c", array.bytes(), DType::uint32, {4, 6}), value("n", 24), value("add", 100)},
        threads(24));
    array.storage()->wait_readable();
  }
  EXPECT_EQ(v[0], 100u);
  EXPECT_EQ(v[23], 123u);
  // A view that runs backwards begins at its lowest byte.
  const auto turned = Array::from_host(device_, DType::uint32, {3, 2}, {-24, 4}, v.data() + 12, true, nullptr);
  EXPECT_EQ(out(turned), (Values{112, 113, 106, 107, 100, 101}));
  EXPECT_FALSE(turned.contiguous());
  const Error error = error_of([&] { turned.bytes(); });
  EXPECT_EQ(error.code(), ErrorCode::NOT_CONTIGUOUS);
  EXPECT_CONTAINS(error.what(), "(-24, 4)");
  EXPECT_FALSE(Array::from_host(device_, DType::uint32, {4}, {4}, v.data(), false, nullptr).writable());
  EXPECT_EQ(Array::from_host(device_, DType::uint32, {0}, {4}, nullptr, true, nullptr).size(), 0);
}

TEST_F(ArrayTest, CopiesShareTheirMemory) {
  const auto first = Array::from_values(device_, DType::uint32, {3}, {4}, counted(3).data());
  const Array second = first;
  const Values fresh{5, 6, 7};
  second.copy_from({4}, fresh.data());
  EXPECT_EQ(out(first), fresh);
  EXPECT_EQ(first.storage(), second.storage());
}

}  // namespace
}  // namespace forge::array
