#pragma once

#include <vector>

namespace forge::vk {

/// The threads that a CPU driver starts while a device is made, each to be kept on a core of its own. Linux wakes a pool's
/// threads where they slept last, and on small machines two of them share a core for milliseconds while another stands idle:
/// kernels of a millisecond then run on one core. VULKAN_FORGE_SPREAD_THREADS=0 in the environment leaves them alone, for
/// machines whose cores belong to other programs as well. Does nothing but on Linux.
class DriverThreads {
 public:
  /// From now on; `wanted` false: nothing is watched.
  explicit DriverThreads(bool wanted);
  /// Spreads what has been started since, over the cores that the calling thread may use. A pool has a thread for each core:
  /// fewer new threads are none, and the first of more hands out their work.
  void spread() const;

 private:
  bool wanted_;
  std::vector<int> before_;
};

}  // namespace forge::vk
