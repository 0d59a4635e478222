#pragma once

#include <mutex>

namespace forge::vk {

class Device;

/// Held round each call that makes a driver compile, where it compiles rightly on one thread at a time only.
///
/// Mesa's CPU driver asks anew how wide its vectors are for each module that it makes, and for a moment the usual 256 bits
/// stand in a variable of the whole process (gallivm, lp_build_init_native_width; measured with 25.0.7: a kernel of a process
/// with vectors of 512 bits now and then had eight lanes instead of sixteen, and Mesa kept it on disk). So with any other
/// width nothing may read it while something else compiles: neither two devices, whose work Mesa compiles as it runs, nor a
/// device beside a thread that makes a pipeline, an image or a sampler, or asks what the device is. Elsewhere a turn is
/// nothing.
class CompilerTurn {
 public:
  /// To send work: what other devices were sent has ended.
  static CompilerTurn to_send(const Device& device);

  /// For what the calling thread itself compiles, or needs the width for: all that was sent has ended.
  static CompilerTurn to_make(const Device& device);

  /// The same where no device is yet.
  static CompilerTurn to_open(bool compiles_alone);

  /// Waits for what the device was sent; it takes no more.
  static void forget(const Device& device);

 private:
  CompilerTurn() = default;
  explicit CompilerTurn(std::mutex& mutex) : lock_(mutex) {}
  std::unique_lock<std::mutex> lock_;
};

}  // namespace forge::vk
