#include "forge/core/host_lock.hpp"

#include <atomic>

namespace forge {

namespace {
constexpr HostLockRelease::Lock kNone{[]() -> void* { return nullptr; }, [](void*) {}};
std::atomic<void* (*)()> leave{kNone.leave};
std::atomic<void (*)(void*)> enter{kNone.enter};
}  // namespace

void HostLockRelease::install(Lock lock) {
  enter.store(lock.enter);
  leave.store(lock.leave);
}

HostLockRelease::HostLockRelease() : state_(leave.load(std::memory_order_acquire)()) {}

HostLockRelease::~HostLockRelease() {
  if (state_) enter.load(std::memory_order_acquire)(state_);
}

}  // namespace forge
