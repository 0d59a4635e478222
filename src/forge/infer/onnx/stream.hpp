#pragma once

#include <memory>
#include <span>
#include <vector>

#include "forge/array/fuse/lazy.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/work.hpp"

namespace forge::infer::onnx {

/// Where a model's work goes: to the device at once, or into a recording that is run later.
class Stream {
 public:
  explicit Stream(std::shared_ptr<vk::Device> device) : device_(std::move(device)) {}
  Stream(std::shared_ptr<vk::Device> device, vk::Capture& capture) : device_(std::move(device)), capture_(&capture) {}

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  bool records() const { return capture_ != nullptr; }

  /// The values, computed.
  array::Array array(const array::Lazy& value) const;
  /// The same in C order without gaps.
  array::Array dense(const array::Lazy& value) const;
  void assign(const array::Array& target, const array::Lazy& value) const;

  /// Does record(commands).
  template <class Record>
  auto run(Record&& record) const {
    if (capture_) {
      vk::Commands commands(device_, *capture_);
      return record(commands);
    }
    vk::Commands commands(device_);
    auto result = record(commands);
    commands.submit();
    return result;
  }

 private:
  std::shared_ptr<vk::Device> device_;
  vk::Capture* capture_ = nullptr;
};

}  // namespace forge::infer::onnx
