#pragma once

#include <pybind11/pybind11.h>
#ifdef __GLIBCXX__
#include <cxxabi.h>
#include <unistd.h>
#endif

#include "forge/core/host_lock.hpp"

namespace forge::bind {

/// Releases the GIL while it lives. A daemon thread that comes back for it while the interpreter ends is unwound by CPython
/// up to 3.13, through destructors that must not run without the GIL, or that no exception may leave, as that of pybind11's
/// gil_scoped_release: then the process aborts. Such a thread stays here instead, as CPython has it since 3.14, until the
/// process is gone.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;
  ~GilRelease() { take_back(state_); }

  /// Whatever waits inside the library lets go of the GIL as well, where its thread holds it.
  static void install() {
    HostLockRelease::install({[]() -> void* { return is_held() ? PyEval_SaveThread() : nullptr; },
                              [](void* state) { take_back(static_cast<PyThreadState*>(state)); }});
  }

 private:
  // Once a process had a second interpreter, PyGILState_Check says yes to every thread.
  static bool is_held() {
#if PY_VERSION_HEX >= 0x030D0000
    const PyThreadState* const current = PyThreadState_GetUnchecked();
#else
    const PyThreadState* const current = _PyThreadState_UncheckedGet();
#endif
    return current && current == PyGILState_GetThisThreadState();
  }

  static void take_back(PyThreadState* state) {
#ifdef __GLIBCXX__
    try {
      PyEval_RestoreThread(state);
    } catch (const abi::__forced_unwind&) {
      for (;;) pause();
    }
#else
    PyEval_RestoreThread(state);
#endif
  }

  PyThreadState* state_;
};

}  // namespace forge::bind
