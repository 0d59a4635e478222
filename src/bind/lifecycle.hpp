#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>

#include "forge/core/error.hpp"

// What every public class that owns native memory has: close(), `with`, closed, and no copies or pickles. Written once.
namespace forge::bind {

/// True where no thread may enter the interpreter any more.
inline bool python_is_ending() {
#if PY_VERSION_HEX >= 0x030D0000
  const bool ending = Py_IsFinalizing();
#else
  const bool ending = _Py_IsFinalizing();
#endif
  return !Py_IsInitialized() || ending;
}

/// Drops a Python reference from any thread; leaks it where the interpreter is already gone.
inline std::shared_ptr<void> keep_python(pybind11::object object) {
  return {new pybind11::object(std::move(object)), [](void* raw) {
            auto* held = static_cast<pybind11::object*>(raw);
            if (python_is_ending()) {
              held->release();
              return;
            }
            const pybind11::gil_scoped_acquire gil;
            delete held;
          }};
}

/// A share of a native object that close() drops. T is shared_ptr-like.
template <class T>
class Owner {
 public:
  explicit Owner(T live) : live_(std::move(live)) {}
  const T& live(const char* what) const {
    if (!live_)
      throw Error(ErrorCode::CLOSED, std::string(what) + " was used after close()", "an open one", "a closed one",
                  "make a new one");
    return live_;
  }
  bool closed() const { return !live_; }
  void close() { live_ = T{}; }

 private:
  T live_;
};

/// close(), closed, and no copies: for classes whose `with` means something else.
template <class Class>
void bind_closing(Class& cls, const char* name) {
  namespace py = pybind11;
  using Type = Class::type;
  const std::string text(name);
  cls.def(
      "close", [](Type& self) { self.close(); },
      "Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.\n\n"
      "Views handed out earlier stay valid: they hold a share of their own.");
  cls.def_property_readonly("closed", [](const Type& self) { return self.closed(); }, "True once close() was called.");
  for (const char* method : {"__copy__", "__deepcopy__", "__reduce_ex__"})
    cls.def(method, [text](py::object, const py::args&) -> py::object {
      throw py::type_error(text + " owns native memory and cannot be copied or pickled; pass NumPy arrays instead");
    });
}

template <class Class>
void bind_lifecycle(Class& cls, const char* name) {
  using Type = Class::type;
  bind_closing(cls, name);
  cls.def("__enter__", [](Type& self) -> Type& { return self; }, pybind11::return_value_policy::reference);
  cls.def("__exit__", [](Type& self, const pybind11::args&) { self.close(); });
}

}  // namespace forge::bind
