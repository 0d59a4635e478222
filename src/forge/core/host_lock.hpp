#pragma once

namespace forge {

/// A lock of the language around us (Python's GIL) that a thread may hold when it calls. Who waits for another thread's work
/// lets go of it as long: the other may need it to get on. Does nothing where none was installed.
class HostLockRelease {
 public:
  struct Lock {
    void* (*leave)();  // null where this thread does not hold it
    void (*enter)(void*);  // with what leave() gave
  };
  static void install(Lock lock);

  HostLockRelease();
  ~HostLockRelease();
  HostLockRelease(const HostLockRelease&) = delete;
  HostLockRelease& operator=(const HostLockRelease&) = delete;

 private:
  void* state_;
};

}  // namespace forge
