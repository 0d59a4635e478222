#pragma once

#include <string>

namespace forge::vk {

/// The threads that a CPU driver starts while a device is made, each to be kept on a core of its own. Linux wakes a pool's
/// threads where they slept last, and on small machines two of them share a core for milliseconds while another stands idle:
/// kernels of a millisecond then run on one core. VULKAN_FORGE_SPREAD_THREADS=0 in the environment leaves them alone, for
/// machines whose cores belong to other programs as well. Does nothing but on Linux.
class DriverThreads {
 public:
  /// From now on, until this goes; `wanted` false: nothing is watched. Threads are known by the name of the one that starts
  /// them, which the calling thread changes meanwhile: others that are started by others are not touched.
  explicit DriverThreads(bool wanted);
  ~DriverThreads();
  DriverThreads(const DriverThreads&) = delete;
  DriverThreads& operator=(const DriverThreads&) = delete;
  /// Spreads what has been started since, over the cores that the calling thread may use. A pool has a thread for each core:
  /// fewer new threads are none, and the first of more hands out their work.
  void spread() const;

 private:
  std::string mark_, name_;  // the calling thread's name now, and before; empty where nothing is watched
};

}  // namespace forge::vk
