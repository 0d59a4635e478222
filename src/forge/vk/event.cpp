#include "forge/vk/event.hpp"

namespace forge::vk {

bool Event::done() {
  device_->check_process();
  if (!device_->passed(number_)) return false;
  finish();
  return true;
}

bool Event::wait_for(double seconds) {
  device_->check_process();
  if (!device_->wait_for(number_, seconds)) return false;
  finish();
  return true;
}

void Event::wait(double timeout_s) {
  if (!wait_for(timeout_s)) throw still_running(number_, timeout_s);
}

void Event::watch(Watcher::Told told) {
  device_->check_usable();
  device_->watcher().add(device_, number_, [self = shared_from_this(), told = std::move(told)](std::exception_ptr e) {
    if (!e) {
      try {
        self->finish();
      } catch (...) {
        e = std::current_exception();
      }
    }
    told(std::move(e));
  });
}

void Event::finish() {
  device_->check_results();
  std::function<void()> dropped;  // after the lock: what it kept alive may be Python's
  const std::lock_guard lock(mutex_);
  if (!finish_) return;
  finish_();
  dropped.swap(finish_);
}

}  // namespace forge::vk
