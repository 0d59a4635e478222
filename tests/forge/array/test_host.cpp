#include "forge/array/host.hpp"

#include <gtest/gtest.h>

#if __has_include(<xtensor/core/xmath.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/generators/xbuilder.hpp>
#else
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>
#endif

#include "forge/support/device.hpp"

namespace forge::array {
namespace {

using HostView = test::DeviceTest;

TEST_F(HostView, SharesTheArraysMemory) {
  const Array array = Array::empty(device_, DType::float32, Dims{3, 4});
  if (!array.in_place()) GTEST_SKIP() << "this device's memory is its own";
  auto view = host_view<float>(array);
  view = xt::arange<float>(12.0f).reshape({3, 4});
  const float* values = reinterpret_cast<const float*>(array.host(false));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(values[i], static_cast<float>(i));
  EXPECT_DOUBLE_EQ(xt::sum<double>(host_view<const float>(array))(), 66.0);
}

TEST_F(HostView, FollowsStrides) {
  if (device_->limits().host_import_alignment == 0) GTEST_SKIP() << "the device cannot import host memory";
  std::vector<double> memory(24);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<double>(i);
  // Every second column of a (4, 6) matrix, transposed.
  const Array array = Array::from_host(device_, DType::float64, Dims{3, 4}, Dims{16, 48}, memory.data(), true, nullptr);
  const auto view = host_view<const double>(array);
  for (size_t r = 0; r < 3; ++r)
    for (size_t c = 0; c < 4; ++c) EXPECT_EQ(view(r, c), memory[2 * r + 6 * c]);
}

TEST_F(HostView, RefusesAnotherTypeAndReadOnlyMemory) {
  const Array array = Array::empty(device_, DType::int32, Dims{2});
  EXPECT_THROW(host_view<float>(array), Error);
  if (device_->limits().host_import_alignment == 0) return;
  int32_t values[2] = {1, 2};
  const Array fixed = Array::from_host(device_, DType::int32, Dims{2}, Dims{4}, values, false, nullptr);
  EXPECT_THROW(host_view<int32_t>(fixed), Error);
  EXPECT_EQ(host_view<const int32_t>(fixed)(1), 2);
}

}  // namespace
}  // namespace forge::array
