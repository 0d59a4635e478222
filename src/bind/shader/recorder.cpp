#include <pybind11/stl.h>

#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/shader/arguments.hpp"
#include "bind/shader/call.hpp"
#include "bind/shader/fill.hpp"
#include "bind/shader/graph.hpp"
#include "bind/shader/kernel.hpp"
#include "bind/shader/watch.hpp"
#include "bind/vk/event.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// Holds every object whose memory the recording uses until the work is done.
class Recorder {
 public:
  Recorder(std::shared_ptr<vk::Device> device, bool waits) : device_(std::move(device)), waits_(waits) {}

  void close() {  // what was recorded and not sent is dropped
    commands_.reset();
    device_.reset();
    open_ = 0;
  }
  bool closed() const { return !device_; }

  void enter() {
    refuse_recording("a Recorder");
    if (commands_) throw Error(ErrorCode::WRONG_STATE, "the Recorder is recording already");
    commands_ = std::make_unique<vk::Commands>(device());
    numbers_.clear();
    watches_.clear();
  }

  void run(PyKernel& kernel, const py::kwargs& given) {
    const auto share = kernel.live("Kernel");  // an argument's own code, or another thread, may close it meanwhile
    py::dict arguments(given);
    const shader::Grid grid = take_grid(arguments);
    refuse_ndarrays(*share, arguments, "a Recorder");
    const CallArguments ready(*share, arguments);
    const shader::KernelCall call = share->bind(ready.named(), grid);
    if (share->device() != device())
      throw Error(ErrorCode::INVALID_ARGUMENT, "the Kernel is for another device", device()->info().name,
                  share->device()->info().name);
    call.record(live());
    watch(call, share->name());
  }

  void run_call(const PyCall& call) {
    const auto share = call.share();
    if (share->kernel()->device() != device())
      throw Error(ErrorCode::INVALID_ARGUMENT, "the Call is for another device", device()->info().name,
                  share->kernel()->device()->info().name);
    share->call().record(live());
    watch(share->call(), share->kernel()->name());
  }

  void copy(const PyArray& from, const PyArray& to) {
    const auto [source, target] = copied_ranges(from, to);
    live().copy(source, target);
  }

  void fill(const PyArray& to, py::handle value) {
    const uint32_t word = fill_word(to, value);
    live().fill(to.array().bytes(), word);
  }

  void begin_scope(const std::string& name) {
    live().begin_scope(name);
    ++open_;
  }
  void end_scope() {
    if (open_ == 0) return;
    --open_;
    if (commands_) commands_->end_scope();
  }

  void finish(bool failed) {
    while (open_ > 0) end_scope();
    const std::unique_ptr<vk::Commands> commands = std::move(commands_);
    if (failed || !commands) return;
    const auto device = device_;  // another thread may close this object meanwhile
    uint64_t last = 0;
    {
      const GilRelease nogil;
      last = commands->submit();
    }
    numbers_ = commands->numbers();
    barriers_ = commands->barrier_count();
    if (!waits_) return;
    const GilRelease nogil;
    device->wait(last);
    deliver(watches_);
  }

  void after(py::handle events) { live().after(to_numbers(events, *device())); }

  PyEvent event() const {
    if (commands_)
      throw Error(ErrorCode::WRONG_STATE, "the Recorder is recording: nothing was submitted yet",
                  "a block that has ended", "one that goes on");
    const uint64_t last = numbers_.empty() ? 0 : numbers_.back();
    if (watches_.empty()) return {device(), last};
    return {device(), last, [watches = watches_] { deliver(watches); }};
  }

  py::list times() const {
    py::list rows;
    const std::vector<uint64_t> numbers = numbers_;  // while the GIL is away another thread may record anew, or close
    const auto share = device();
    for (const uint64_t number : numbers) {
      std::vector<vk::ScopeTime> times;
      {
        const GilRelease nogil;
        times = share->scope_times(number);
      }
      for (const vk::ScopeTime& time : times)
        rows.append(py::make_tuple(time.name, (time.end_ns - time.begin_ns) * 1e-6));
    }
    return rows;
  }

  size_t barriers() const { return barriers_; }
  size_t submissions() const { return numbers_.size(); }

 private:
  void watch(const shader::KernelCall& call, const std::string& kernel) {
    if (call.watch) watches_.push_back({call.watch, kernel});
  }
  vk::Commands& live() {
    if (!commands_)
      throw Error(ErrorCode::WRONG_STATE, "the Recorder is not recording", "a call inside `with recorder:`",
                  "one outside");
    return *commands_;
  }
  const std::shared_ptr<vk::Device>& device() const {
    if (closed())
      throw Error(ErrorCode::CLOSED, "Recorder was used after close()", "an open one", "a closed one",
                  "make a new one");
    return device_;
  }

  std::shared_ptr<vk::Device> device_;
  bool waits_;
  std::unique_ptr<vk::Commands> commands_;
  std::vector<uint64_t> numbers_;
  std::vector<shader::WatchedCall> watches_;  // of kernels that debug or print
  size_t barriers_ = 0;
  size_t open_ = 0;
};

// Holds its Recorder itself: pybind11 3.1's keep_alive on a returned object crashes where an argument does not fit.
class RecordedScope {
 public:
  RecordedScope(py::object recorder, std::string name) : recorder_(std::move(recorder)), name_(std::move(name)) {}
  void enter() { recorder_.cast<Recorder&>().begin_scope(name_); }
  void exit() { recorder_.cast<Recorder&>().end_scope(); }

 private:
  py::object recorder_;
  std::string name_;
};

}  // namespace

void bind_recorder(py::module_& module) {
  py::class_<RecordedScope>(module, "_RecordedScope")
      .def("__enter__", &RecordedScope::enter)
      .def("__exit__", [](RecordedScope& self, const py::args&) { self.exit(); });
  py::class_<Recorder> cls(module, "Recorder", R"(Many kernels, copies and fills in one submission.

Inside `with recorder:` calls are recorded; they are sent together (long recordings early, while the device is idle) and
waited for at the end of the block. Barriers follow from what each call reads and writes. An exception in the block drops
what was not yet sent.

Args:
    device: A `Device`; None for the default one.
    wait: False ends the block without waiting; `recorder.event` is then the work on its way.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> add = vf.Kernel('''layout(local_size_x = 64) in;
    ... layout(binding = 0) buffer X { uint x[]; };
    ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += 1; }''')
    >>> x = vf.asarray(np.zeros(3, np.uint32))
    >>> recorder = vf.Recorder()
    >>> with recorder:
    ...     with recorder.scope("steps"):
    ...         for _ in range(10):
    ...             recorder.run(add, x=x, threads=3)
    >>> x.tolist()
    [10, 10, 10]
)");
  bind_closing(cls, "Recorder");
  cls.def(py::init(
              [](py::handle device, bool wait) { return std::make_unique<Recorder>(device_or_default(device), wait); }),
          py::kw_only(), py::arg("device") = py::none(), py::arg("wait") = true)
      .def("__enter__",
           [](py::object self) {
             self.cast<Recorder&>().enter();
             return self;
           })
      .def("__exit__",
           [](Recorder& self, py::object type, const py::object&, const py::object&) { self.finish(!type.is_none()); })
      .def("run", &Recorder::run, py::arg("kernel"),
           "Records a kernel; arguments as of `Kernel`, arrays as `Array` or `Buffer`.")
      .def("run", &Recorder::run_call, py::arg("call"),
           "Records a `Call`, whose arguments were checked when it was prepared.")
      .def("copy", &Recorder::copy, py::arg("source"), py::arg("target"),
           "Records a copy of all bytes of an array into another.")
      .def("fill", &Recorder::fill, py::arg("array"), py::arg("value"), "Records setting every element to a value.")
      .def(
          "scope", [](const py::object& self, const std::string& name) { return RecordedScope(self, name); },
          py::arg("name"), "A context manager that names and times what is recorded inside it on the device.")
      .def("after", &Recorder::after, py::arg("events"),
           "What the block sends from here on runs after an `Event`, or after each of several.")
      .def_property_readonly("event", &Recorder::event, "The last block's work, as an `Event`.")
      .def("times", &Recorder::times, "(name, milliseconds on the device) of each scope of the last block, in order.")
      .def_property_readonly("barriers", &Recorder::barriers, "Barriers that the last block needed.")
      .def_property_readonly("submissions", &Recorder::submissions, "Pieces that the last block was sent in.");
}

}  // namespace forge::bind
