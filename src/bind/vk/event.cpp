#include "bind/vk/event.hpp"

#include <cmath>

#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// Between two looks at Python's signals: Ctrl-C ends a wait, never the work.
constexpr double kLook = 0.05;

double to_seconds(py::handle timeout) {
  if (timeout.is_none()) return -1;
  const double seconds = PyFloat_AsDouble(timeout.ptr());
  if (seconds == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    throw Error(ErrorCode::BAD_TYPE, "timeout_s", "seconds (a number) or None", Py_TYPE(timeout.ptr())->tp_name);
  }
  if (!(seconds >= 0))
    throw Error(ErrorCode::INVALID_ARGUMENT, "timeout_s", ">= 0 seconds, or None to wait for ever",
                std::to_string(seconds));
  return seconds;
}

void wait(const PyEvent& self, py::handle timeout) {
  const double most = to_seconds(timeout);
  const auto event = self.event();
  double left = most < 0 ? INFINITY : most;
  while (true) {
    {
      const GilRelease nogil;
      if (event->wait_for(std::min(left, kLook))) return;
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    left -= kLook;
    if (left <= 0) throw vk::still_running(event->number(), most);
  }
}

bool done(const PyEvent& self) {
  const auto event = self.event();
  const GilRelease nogil;
  return event->done();
}

py::object as_exception(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (...) {
    set_python_error();
  }
  py::error_already_set raised;
  return raised.value();
}

// One call into the loop for each await; the future may be cancelled, its loop closed by then.
void settle(const py::tuple& waiting, const std::exception_ptr& failure) {
  const py::object exception = failure ? as_exception(failure) : py::object(py::none());
  try {
    waiting[0].attr("call_soon_threadsafe")(waiting[1], waiting[2], waiting[3], exception);
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_RuntimeError)) error.discard_as_unraisable("telling a loop that work is done");
  }
}

void set_result(const py::object& future, const py::object& value, const py::object& exception) {
  if (future.attr("done")().cast<bool>()) return;
  if (exception.is_none())
    future.attr("set_result")(value);
  else
    future.attr("set_exception")(exception);
}

// No thread waits for this future: the device's watcher wakes the loop.
py::object future_of(const PyEvent& self, const py::object& value) {
  const auto event = self.event();
  const py::object loop = py::module_::import("asyncio").attr("get_running_loop")();
  py::object future = loop.attr("create_future")();
  if (done(self)) {
    future.attr("set_result")(value);
    return future;
  }
  py::object resolve = py::module_::import("vulkan_forge._vulkan_forge").attr("_set_result");
  const auto waiting = keep_python(py::make_tuple(loop, resolve, future, value));
  event->watch([waiting](const std::exception_ptr& failure) {
    if (python_is_ending()) return;
    const py::gil_scoped_acquire gil;
    settle(py::reinterpret_borrow<py::tuple>(*static_cast<py::object*>(waiting.get())), failure);
  });
  return future;
}

}  // namespace

std::vector<uint64_t> to_numbers(py::handle after, const vk::Device& device) {
  std::vector<uint64_t> numbers;
  const auto add = [&](py::handle one) {
    if (!py::isinstance<PyEvent>(one))
      throw Error(ErrorCode::BAD_TYPE, "after", "an Event or a sequence of them", Py_TYPE(one.ptr())->tp_name);
    const auto& event = one.cast<const PyEvent&>().event();
    if (event->device().get() != &device)
      throw Error(ErrorCode::INVALID_ARGUMENT, "after names work of another device", device.info().name,
                  event->device()->info().name, "wait for it first: event.wait()");
    numbers.push_back(event->number());
  };
  if (after.is_none()) return numbers;
  if (py::isinstance<py::list>(after) || py::isinstance<py::tuple>(after))
    for (const auto one : after) add(one);
  else
    add(after);
  return numbers;
}

std::vector<uint64_t> take_after(py::dict& arguments, const vk::Device& device) {
  if (!arguments.contains("after")) return {};
  const py::object value = arguments["after"];
  arguments.attr("pop")("after");
  return to_numbers(value, device);
}

void bind_event(py::module_& module) {
  module.def("_set_result", &set_result);
  py::class_<PyEvent> cls(module, "Event", R"(Work that was submitted and may still run.

`Kernel.submit` and other calls that do not wait return one. Any thread may ask it, and any number of tasks may
`await event`: one thread of the device, started at the first `await`, wakes their loops.

Work that was submitted is never cancelled. A cancelled task forgets its wait and nothing else; a wait whose time is over
says so, and the next one goes on waiting; an Event may be dropped. Whatever the work uses stays alive until the device
has finished with it.

Example:
    >>> import asyncio, numpy as np, vulkan_forge as vf
    >>> double = vf.Kernel('''layout(local_size_x = 64) in;
    ... layout(binding = 0) buffer X { float x[]; };
    ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }''')
    >>> x = vf.asarray(np.ones(3, np.float32))
    >>> event = double.submit(x=x, threads=3)
    >>> event.wait(timeout_s=60)
    >>> event.done
    True
    >>> async def main():
    ...     await double.submit(x=x, threads=3)
    ...     return x.tolist()
    >>> asyncio.run(main())
    [4.0, 4.0, 4.0]
)");
  cls.def_property_readonly("done", &done, R"(True once the device has finished and results are where the caller looks.

Raises:
    DeviceLostError: The device was lost before.
)");
  cls.def("wait", &wait, py::arg("timeout_s") = py::none(),
          R"(Waits until the work is done. Other threads run meanwhile.

Args:
    timeout_s: Seconds to wait at most; None for ever. Ctrl-C ends the wait too.

Raises:
    WaitTimeoutError: The time was over. The work goes on and nothing is forgotten: wait again.
    DeviceLostError: The device was lost before the work was done.
)");
  cls.def_property_readonly(
      "number", [](const PyEvent& self) { return self.event()->number(); },
      "The submission's number on its device; 0 where there was nothing to do.");
  cls.def_property_readonly(
      "device", [](const PyEvent& self) { return PyDevice(self.event()->device()); }, "The device that does the work.");
  cls.def("__await__", [](const PyEvent& self) { return future_of(self, py::none()).attr("__await__")(); });
  cls.def("__repr__", [](const PyEvent& self) {
    const auto& event = self.event();
    const bool lost = event->device()->lost() && !event->device()->known_done(event->number());
    return "Event(" + std::to_string(event->number()) + (lost ? ", lost)" : done(self) ? ", done)" : ", running)");
  });

  py::class_<PyHostFuture> future(module, "HostFuture", R"(Values on their way to the host, from `Array.to_host_async`.

`await future` gives the ndarray, without a thread that waits for it. What is said of `Event` about cancelling and
waiting holds here too.
)");
  future.def(
      "result",
      [](const PyHostFuture& self, py::handle timeout) {
        wait(self, timeout);
        return self.values();
      },
      py::arg("timeout_s") = py::none(), R"(The ndarray; waits for it. Asked again, it is the same one.

Args:
    timeout_s: Seconds to wait at most; None for ever.

Raises:
    WaitTimeoutError: The time was over. The readback goes on: ask again.
    DeviceLostError: The device was lost before the values were there.
)");
  future.def_property_readonly(
      "done", [](const PyHostFuture& self) { return done(self); }, "True once `result` does not wait.");
  future.def_property_readonly(
      "event", [](const PyHostFuture& self) { return PyEvent(self.event()); },
      "The copy on the device, to be named in `after=`.");
  future.def("__await__", [](const PyHostFuture& self) { return future_of(self, self.values()).attr("__await__")(); });
}

}  // namespace forge::bind
