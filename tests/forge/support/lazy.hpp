#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "forge/array/fuse/elementwise.hpp"
#include "forge/array/fuse/lazy.hpp"
#include "forge/array/host.hpp"
#include "forge/support/device.hpp"
#include "forge/vk/profile.hpp"

// Expressions on a device: how tests build them, and what they look at.
namespace forge::array {

inline Lazy op(Elementwise which, const Lazy& a) { return elementwise(which, std::array{a}); }
inline Lazy op(Elementwise which, const Lazy& a, const Lazy& b) { return elementwise(which, std::array{a, b}); }
inline Lazy operator+(const Lazy& a, const Lazy& b) { return op(Elementwise::add, a, b); }
inline Lazy operator-(const Lazy& a, const Lazy& b) { return op(Elementwise::subtract, a, b); }
inline Lazy operator*(const Lazy& a, const Lazy& b) { return op(Elementwise::multiply, a, b); }

/// Small work goes to the device as well.
class LazyTest : public test::DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_) compute_on_device_alone(*device_, true);
  }
  void TearDown() override {
    if (device_) compute_on_device_alone(*device_, false);
  }
  template <class T>
  Array put(const std::vector<T>& values, Dims shape = {}) {
    if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
    return Array::from_values(device_, dtype_of<T>(), shape, contiguous_strides(shape, sizeof(T)), values.data());
  }
  template <class T>
  std::vector<T> get(const Lazy& value) {
    const Array array = evaluate(device_, value);
    EXPECT_EQ(array.dtype(), dtype_of<T>());
    std::vector<T> out(static_cast<size_t>(array.size()));
    array.copy_to(out.data());
    return out;
  }
  std::vector<uint8_t> get_bool(const Lazy& value) {
    const Array array = evaluate(device_, value);
    EXPECT_EQ(array.dtype(), DType::bool_);
    std::vector<uint8_t> out(static_cast<size_t>(array.size()));
    array.copy_to(out.data());
    return out;
  }
  bool runs(DType dtype) const {
    const DTypeRow& row = dtype_row(dtype);
    if (row.kind == 'f') return row.size == 4 || (row.size == 8 && device_->has("shaderFloat64"));
    if (row.size == 8) return device_->has("shaderInt64");
    if (row.size == 2) return device_->has("storageBuffer16BitAccess") && device_->has("shaderInt16");
    return row.size == 4 || (device_->has("storageBuffer8BitAccess") && device_->has("shaderInt8"));
  }
  // Kernels that ran meanwhile, by name.
  template <class Work>
  std::vector<std::string> kernels(const Work& work) {
    auto profile = std::make_shared<vk::Profile>();
    device_->start_profile(profile);
    work();
    device_->wait_idle();
    device_->stop_profile();
    std::vector<std::string> names;
    for (const vk::CommandTime& command : profile->commands()) names.push_back(command.name);
    return names;
  }
};

}  // namespace forge::array
