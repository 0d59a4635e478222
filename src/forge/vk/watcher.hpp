#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace forge::vk {

class Device;

/// Tells when numbers pass: one thread for all that is waited for on a device, started by the first `add`. It lives as
/// long as its device and sleeps while nothing is waited for.
class Watcher {
 public:
  /// Called once, on the watcher's thread. Null: the number has passed; else why it never will. Must not throw.
  using Told = std::function<void(std::exception_ptr failure)>;

  Watcher();
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Keeps the device until then.
  void add(std::shared_ptr<Device> device, uint64_t number, Told told);
  /// Ends the thread and drops what was not told yet.
  void stop();
  /// Stops every watcher of the process; for its end, when nobody is left to be told.
  static void stop_all();

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;  // shared with the thread, which may drop the device's last share itself
};

}  // namespace forge::vk
