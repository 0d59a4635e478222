#include "forge/vk/pipelines_ahead.hpp"

#include <system_error>

#include "forge/core/parallel.hpp"
#include "forge/vk/device.hpp"

namespace forge::vk {

namespace {
thread_local PipelinesAhead* innermost = nullptr;
}

PipelinesAhead::PipelinesAhead(Device& device) : device_(device), before_(innermost) { innermost = this; }

PipelinesAhead::~PipelinesAhead() {
  innermost = before_;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

PipelinesAhead* PipelinesAhead::of(const Device& device) {
  if (!innermost || &innermost->device_ != &device || device.compiles_alone()) return nullptr;
  return innermost;
}

void PipelinesAhead::add(std::function<void()> work) {
  std::function<void()> here;  // where there are no threads
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (idle_ < waiting_.size() && threads_.size() < cores()) try {
        threads_.emplace_back([this] { run(); });
      } catch (const std::system_error&) {
        if (threads_.empty()) {
          here = std::move(waiting_.back());
          waiting_.pop_back();
        }
      }
  }
  if (here) return here();
  changed_.notify_one();
}

void PipelinesAhead::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace forge::vk
