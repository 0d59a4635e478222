#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>

#include "bind/lifecycle.hpp"
#include "bind/shader/watch.hpp"
#include "forge/shader/kernel.hpp"

namespace forge::bind {

/// A kernel with its arguments, checked once: run by itself, where it is recorded once, or as part of recordings.
class BoundCall {
 public:
  BoundCall(std::shared_ptr<shader::Kernel> kernel, std::vector<shader::NamedArgument> named, const shader::Grid& grid,
            std::shared_ptr<void> arguments)
      : kernel_(std::move(kernel)),
        named_(std::move(named)),
        grid_(grid),
        call_(kernel_->bind(named_, grid)),
        arguments_(std::move(arguments)) {}

  /// Submits and waits; run without the GIL.
  void run() {
    if (!call_.has_work) return;
    const std::lock_guard lock(mutex_);
    kernel_->device()->wait(kernel_->device()->profiling() ? submit_anew() : submit_prepared());
    deliver(call_.watch, kernel_->name());
  }

  /// Submits; run without the GIL. Recorded anew: the recording that run() keeps may be on the device.
  uint64_t submit(std::span<const uint64_t> after) {
    if (!call_.has_work) return 0;
    vk::Commands commands(kernel_->device());
    commands.after(after);
    call_.record(commands);
    return commands.submit();
  }

  const shader::KernelCall& call() const { return call_; }
  const std::shared_ptr<shader::Kernel>& kernel() const { return kernel_; }
  const std::vector<shader::NamedArgument>& named() const { return named_; }
  const shader::Grid& grid() const { return grid_; }

 private:
  uint64_t submit_prepared() {
    if (!prepared_) {
      vk::Commands commands(kernel_->device());
      call_.record(commands);
      prepared_ = commands.prepare();
    }
    return prepared_->submit();
  }

  // A profile times what is recorded while it runs.
  uint64_t submit_anew() {
    vk::Commands commands(kernel_->device());
    commands.because(vk::Why::called);
    call_.record(commands);
    return commands.submit();
  }

  std::shared_ptr<shader::Kernel> kernel_;
  std::vector<shader::NamedArgument> named_;
  shader::Grid grid_;
  shader::KernelCall call_;
  std::shared_ptr<void> arguments_;  // Python objects that the call's memory belongs to
  std::mutex mutex_;                 // one recording, one submission at a time
  std::unique_ptr<vk::Commands::Prepared> prepared_;
};

class PyCall : public Owner<std::shared_ptr<BoundCall>> {
 public:
  using Owner::Owner;
  std::shared_ptr<BoundCall> share() const { return live("Call"); }
};

}  // namespace forge::bind
