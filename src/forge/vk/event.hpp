#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "forge/vk/device.hpp"
#include "forge/vk/watcher.hpp"

namespace forge::vk {

/// Work on its way: a number on a device's timeline, and what remains to be done on the host once it has passed.
/// Safe to use from any thread. Dropping it cancels nothing.
class Event : public std::enable_shared_from_this<Event> {
 public:
  /// `finish` runs once, on the first thread that sees the number passed; a failure in it is said, and tried again.
  Event(std::shared_ptr<Device> device, uint64_t number, std::function<void()> finish = {})
      : device_(std::move(device)), number_(number), finish_(std::move(finish)) {}

  const std::shared_ptr<Device>& device() const { return device_; }
  uint64_t number() const { return number_; }

  /// True once the device is done and the host has finished. Throws DEVICE_LOST where that will never be.
  bool done();
  /// False where the work still runs after this time. A negative one waits for ever.
  bool wait_for(double seconds);
  /// Throws WAIT_TIMEOUT (the work goes on) or DEVICE_LOST.
  void wait(double timeout_s = -1);
  /// Calls `told` from the device's watcher thread once the work is done, or can never be.
  void watch(Watcher::Told told);

 private:
  void finish();

  std::shared_ptr<Device> device_;
  uint64_t number_;
  std::mutex mutex_;  // finish_
  std::function<void()> finish_;
};

}  // namespace forge::vk
