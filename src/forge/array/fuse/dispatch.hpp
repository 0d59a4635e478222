#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "forge/array/fuse/fused.hpp"
#include "forge/core/host_lock.hpp"
#include "forge/shader/program.hpp"

namespace forge::array {

/// The fused kernels of a device by their structure, and the lock under which values become arrays. Recursive: memory that
/// an evaluation overwrites may be read by other expressions, whose copies are made in the middle of it.
struct Fuser {
  std::recursive_mutex mutex;
  std::map<std::string, std::unique_ptr<shader::Program>, std::less<>> programs;
  std::map<std::string, std::chrono::nanoseconds, std::less<>> host_shares;  // what the host may still spend on each
  bool device_alone = false;  // small work too

  static Fuser& of(vk::Device& device);

  /// Whether the host should do so much of a structure (see host_cost) instead of having a kernel compiled for it. CPU drivers
  /// compile for 50 ms and more, in which the host, on the same processor, has computed most expressions several times: only
  /// what comes again and again is worth it. Where the driver rounds as the host does; profiles show kernels, so nothing is put
  /// off while one runs.
  bool lets_host_do(const Fused& fused, int64_t cost, const vk::Device& device);
  /// What it took then.
  void host_did(const Fused& fused, std::chrono::nanoseconds time);

  /// Does something that reads or writes what other threads may be computing. A thread that has to wait, as long as a kernel
  /// compiles, lets go of the language around us.
  template <class Work>
  auto locked(const Work& work) {
    std::unique_lock lock(mutex, std::defer_lock);
    if (!lock.try_lock()) {
      const HostLockRelease released;
      lock.lock();
    }
    return work();
  }
};

/// Records the kernels that compute a fused expression into `outputs`, which have its shape.
void dispatch_fused(Fuser& fuser, vk::Commands& commands, const Fused& fused, const std::vector<Array>& outputs);

}  // namespace forge::array
