#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace forge::vk {

class Device;

/// While it lives, compute pipelines that its thread asks for are made by other threads, and what asks for their handles
/// waits: drivers take 1 to 50 ms for a kernel, and a recording of many needs them only when all have been named.
///
/// Ends when all are made. Where only one thread may compile (CompilerTurn) everything is as without it.
class PipelinesAhead {
 public:
  explicit PipelinesAhead(Device& device);
  ~PipelinesAhead();
  PipelinesAhead(const PipelinesAhead&) = delete;
  PipelinesAhead& operator=(const PipelinesAhead&) = delete;

  /// This thread's, if it has one for this device.
  static PipelinesAhead* of(const Device& device);

  /// Has it done by another thread, or here where there are no more threads. It keeps what it throws to itself.
  void add(std::function<void()> work);

 private:
  void run();

  Device& device_;
  PipelinesAhead* const before_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  size_t idle_ = 0;  // threads that wait for work
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace forge::vk
