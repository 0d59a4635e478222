#include "bind/shader/graph.hpp"

#include <map>
#include <thread>

#include "bind/array/put_off.hpp"
#include "bind/gil.hpp"
#include "bind/shader/arguments.hpp"
#include "bind/shader/call.hpp"
#include "bind/shader/fill.hpp"
#include "bind/shader/graph_text.hpp"
#include "bind/shader/watch.hpp"
#include "bind/vk/event.hpp"

namespace py = pybind11;

namespace forge::bind {

struct OpenRecording {
  explicit OpenRecording(std::shared_ptr<vk::Device> device) : recording(std::move(device)) {}
  shader::GraphRecording recording;
  std::thread::id owner = std::this_thread::get_id();
  bool open = true;
};

namespace {

// A thread's calls go to the recording that it opened itself; other threads run theirs as ever.
thread_local std::shared_ptr<OpenRecording> opened;

void leave_recording() {
  opened.reset();
  array::build_for_recording(0);
}

// A number under a name, as vf.param gives it to a kernel's call.
struct Param {
  std::string name;
  py::object value;
};

// `with vf.record() as graph:` - begins and ends the recording; the graph itself is another object, with a `with` of its
// own that closes it.
class Recording {
 public:
  explicit Recording(py::object device) : device_(std::move(device)) {}

  py::object enter() {
    refuse_recording("another recording");
    if (graph_)
      throw Error(ErrorCode::WRONG_STATE, "this recording was made already", "one block for each vf.record()",
                  "a second one", "call vf.record() again");
    graph_ = py::cast(std::make_unique<PyGraph>());
    graph_.cast<PyGraph&>().begin(device_.is_none() ? nullptr : device_or_default(device_));
    return graph_;
  }
  void exit(bool failed) { graph_.cast<PyGraph&>().finish(failed); }

 private:
  py::object device_, graph_;
};

shader::ArrayArgument to_memory(py::handle value, const std::string& name) {
  if (py::isinstance<PyArray>(value)) {
    const array::Array& array = value.cast<const PyArray&>().array();
    return {array.bytes(), array.dtype(), array.shape(), array.writable()};
  }
  if (py::isinstance<PyBuffer>(value)) return {vk::BufferRef(value.cast<const PyBuffer&>().buffer()), {}, {}, true};
  throw Error(ErrorCode::BAD_TYPE, "array " + name + " of a graph", "an Array or Buffer, which stays where it is",
              describe_value(value), "use vf.asarray(a) or vf.from_host(a)");
}

// A texture or sampler, a list of them or of arrays, or numbers.
shader::NamedArgument to_declared(py::handle value, const std::string& name) {
  if (const auto one = to_resource(value)) return {name, std::get<shader::TextureArgument>(*one)};
  shader::ListArgument list;
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))
    for (const auto item : py::tuple(py::reinterpret_borrow<py::object>(value)))
      if (auto one = to_resource(item)) list.items.push_back(std::move(*one));
  if (list.items.empty()) return {name, to_numbers_argument(value, name)};
  if (list.items.size() != py::len(value))
    throw Error(ErrorCode::BAD_TYPE, "param " + name, "a list of Arrays, Buffers, Textures or Samplers, or of numbers",
                "a list of some and of something else", "use vf.asarray(a) or vf.from_host(a)");
  return {name, std::move(list)};
}

py::object param(const std::string& name, py::object value) {
  shader::GraphRecording* open = recording();
  if (!open)
    throw Error(ErrorCode::WRONG_STATE, "vf.param outside of a recording", "a call inside `with vf.record()`",
                "one outside");
  if (py::isinstance<PyArray>(value) || py::isinstance<PyBuffer>(value)) {
    open->declare_memory(name, to_memory(value, name));
    return value;
  }
  open->declare(to_declared(value, name));
  return py::cast(Param{name, value});
}

shader::NamedArgument convert(const shader::Graph& graph, const shader::Graph::Target& target, py::handle value) {
  const shader::GraphCall& call = graph.call(target);
  const std::string& name = graph.captured(target).name;
  // What a draw draws with: vertices, indices and counts.
  if (call.draws && !call.callee->find(name)) return {name, to_memory(value, name)};
  if (!call.callee) {
    if (to_resource(value))
      throw Error(ErrorCode::BAD_TYPE, "argument " + name + " of " + call.name, "a number", describe_value(value));
    return {name, to_numbers_argument(value, name)};
  }
  py::dict one;
  one[py::str(name)] = value;
  refuse_ndarrays(*call.callee, one, "a graph");
  return CallArguments(*call.callee, one).named().front();
}

shader::Graph::Assignment assign(const shader::Graph& graph, const std::string& name, py::handle value) {
  const shader::Graph::Name& meant = graph.find(name);
  shader::Graph::Assignment assignment{&meant, {}};
  if (meant.memory) assignment.values.emplace_back(nullptr, shader::NamedArgument{name, to_memory(value, name)});
  for (const shader::Graph::Target& kind : meant.kinds)
    assignment.values.emplace_back(graph.call(kind).callee.get(), convert(graph, kind, value));
  return assignment;
}

std::vector<shader::Graph::Assignment> assign_all(const shader::Graph& graph, const py::object& changes,
                                                  const py::kwargs& named) {
  std::vector<shader::Graph::Assignment> assignments;
  if (!changes.is_none()) {
    if (!py::isinstance<py::dict>(changes))
      throw Error(ErrorCode::BAD_TYPE, "the changes of a graph's run", "a dict of values by name",
                  describe_value(changes));
    for (const auto& [key, value] : changes.cast<py::dict>()) {
      if (named.contains(key))
        throw Error(ErrorCode::ARGUMENT_NAMES, "a name is given twice", "each name once", py::str(key));
      assignments.push_back(assign(graph, py::str(key), value));
    }
  }
  for (const auto& [key, value] : named) assignments.push_back(assign(graph, py::str(key), value));
  return assignments;
}

void run(const PyGraph& self, const py::object& changes, bool timed, const py::kwargs& named) {
  const auto graph = self.share();
  refuse_recording("a graph's run");
  auto assignments = assign_all(*graph, changes, named);
  const GilRelease nogil;
  const shader::Graph::Run sent = graph->submit(std::move(assignments), timed);
  if (sent.number) graph->device()->wait(sent.number);
  deliver(sent.watches);
}

PyEvent submit(const PyGraph& self, const py::object& changes, py::handle after, bool timed, const py::kwargs& named) {
  const auto graph = self.share();
  refuse_recording("a graph's submit");
  auto assignments = assign_all(*graph, changes, named);
  const auto device = graph->device() ? graph->device() : device_or_default(py::none());
  const std::vector<uint64_t> numbers = to_numbers(after, *device);
  const GilRelease nogil;
  shader::Graph::Run sent = graph->submit(std::move(assignments), timed, numbers);
  if (sent.watches.empty()) return {device, sent.number};
  return {device, sent.number, [watches = std::move(sent.watches)] { deliver(watches); }};
}

py::list times(const PyGraph& self) {
  const auto graph = self.share();
  std::vector<double> milliseconds;
  {
    const GilRelease nogil;
    milliseconds = graph->times();
  }
  py::list rows;
  for (size_t i = 0; i < milliseconds.size(); ++i) rows.append(py::make_tuple(graph->labels()[i], milliseconds[i]));
  return rows;
}

void copy(const PyGraph& self, const PyArray& from, const PyArray& to) {
  shader::GraphRecording& open = self.capturing();
  const auto [source, target] = copied_ranges(from, to);
  compute_readers(target);
  open.run(from.array().storage()->device_ptr(), [&](vk::Commands& commands) { commands.copy(source, target); });
}

void fill(const PyGraph& self, const PyArray& to, py::object value) {
  shader::GraphRecording& open = self.capturing();
  const std::string name = take_param(value);
  const uint32_t word = fill_word(to, value);
  const vk::BufferRef target = to.array().bytes();
  compute_readers(target);
  const auto& device = to.array().storage()->device_ptr();
  if (name.empty()) return open.run(device, [&](vk::Commands& commands) { commands.fill(target, word); });
  shader::GraphCall call;
  call.name = "fill";
  call.arguments.push_back({"value", to_numbers_argument(value, "value")});
  call.params.push_back(name);
  call.record = [target, dtype = to.array().dtype()](vk::Commands& commands,
                                                     std::span<const shader::NamedArgument> values) {
    commands.fill(target, fill_word(dtype, values.front()));
    return std::shared_ptr<shader::Watch>();
  };
  open.call(device, std::move(call));
}

}  // namespace

void PyGraph::begin(std::shared_ptr<vk::Device> device) {
  opened = open_ = std::make_shared<OpenRecording>(std::move(device));
  static std::atomic<uint64_t> recordings{0};
  array::build_for_recording(++recordings);
}

void PyGraph::finish(bool failed) {
  const auto open = std::move(open_);
  if (!open || !open->open) return;  // closed inside the block
  const bool own_thread = open->owner == std::this_thread::get_id();
  open->open = false;
  if (own_thread) leave_recording();
  failed_ = true;
  if (failed) return;
  if (!own_thread)
    throw Error(ErrorCode::WRONG_STATE, "the recording was ended by another thread", "the thread that began it",
                "another one", "keep each `with vf.record()` in one thread");
  const GilRelease nogil;
  graph_ = std::make_shared<shader::Graph>(std::move(open->recording));
  failed_ = false;
}

shader::GraphRecording& PyGraph::capturing() const {
  if (closed_) refuse_closed();
  if (!open_ || !open_->open || open_->owner != std::this_thread::get_id())
    throw Error(ErrorCode::WRONG_STATE, "the graph is not recording in this thread",
                "a call inside its `with vf.record()`", "one outside");
  return open_->recording;
}

std::shared_ptr<shader::Graph> PyGraph::share() const {
  if (closed_) refuse_closed();
  if (open_)
    throw Error(ErrorCode::WRONG_STATE, "the graph is still being recorded", "a call after its block", "one inside");
  if (failed_)
    throw Error(ErrorCode::WRONG_STATE, "the graph holds nothing", "a block that ended well",
                "one that ended with an exception", "record it again");
  FORGE_ASSERT(graph_);
  return graph_;
}

void PyGraph::close() {
  closed_ = true;
  if (open_) open_->open = false;
  open_.reset();
  graph_.reset();
}

void PyGraph::refuse_closed() {
  throw Error(ErrorCode::CLOSED, "Graph was used after close()", "an open one", "a closed one", "make a new one");
}

shader::GraphRecording* recording() {
  if (!opened) return nullptr;
  if (opened->open) return &opened->recording;
  leave_recording();
  return nullptr;
}

void refuse_recording(const char* what) {
  if (recording())
    throw Error(ErrorCode::WRONG_STATE, std::string(what) + " inside `with vf.record()`",
                "kernels, prepared calls, building blocks, draws, Target.clear, Target.read(out=Array), graph.copy and "
                "graph.fill",
                what, "do it before or after the block");
}

void capture_call(shader::GraphRecording& open, const std::shared_ptr<shader::Kernel>& kernel, py::dict arguments) {
  std::map<std::string, std::string> params;
  py::dict plain;
  for (const auto& [key, given] : arguments) {
    auto value = py::reinterpret_borrow<py::object>(given);
    if (const std::string name = take_param(value); !name.empty()) params[py::str(key)] = name;
    plain[key] = value;
  }
  arguments = plain;
  const shader::Grid grid = take_grid(arguments);
  refuse_ndarrays(*kernel, arguments, "a graph");
  const CallArguments ready(*kernel, arguments);
  shader::GraphCall call = named_call(kernel, {ready.named().begin(), ready.named().end()}, grid);
  for (size_t i = 0; i < call.arguments.size(); ++i)
    if (const auto found = params.find(call.arguments[i].name); found != params.end()) call.params[i] = found->second;
  compute_readers(*kernel, call.arguments);
  open.call(kernel->device(), std::move(call));
}

std::string take_param(py::object& value) {
  if (!py::isinstance<Param>(value)) return {};
  const Param given = value.cast<const Param&>();
  value = given.value;
  return given.name;
}

shader::GraphCall named_call(const std::shared_ptr<shader::Kernel>& kernel,
                             std::vector<shader::NamedArgument> arguments, const shader::Grid& grid) {
  shader::GraphCall call;
  call.name = kernel->name();
  call.params.resize(arguments.size());
  call.arguments = std::move(arguments);
  call.callee = kernel;
  call.record = [kernel, grid](vk::Commands& commands, std::span<const shader::NamedArgument> values) {
    const shader::KernelCall bound = kernel->bind(values, grid);
    bound.record(commands);
    return bound.watch;
  };
  return call;
}

void bind_graph(py::module_& module) {
  py::class_<Param>(module, "_Param").def("__repr__", [](const Param& self) {
    return "param(" + self.name + "=" + py::repr(self.value).cast<std::string>() + ")";
  });
  py::class_<PyGraph> cls(module, "Graph", R"(Work recorded once by `record`, to be run again with other values.

Commands are ordered by what they need from each other: those that need nothing from each other form a level and stand
without barriers between them; one barrier stands between levels. Results are those of the order in which they were
recorded. All memory that the graph uses, arrays made inside its block included, lives as long as the graph; kernels and
arrays may be closed before. Runs of one graph never overlap on the device. Safe to use from any thread.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> scale = vf.Kernel('''layout(local_size_x = 64) in;
    ... layout(binding = 0) buffer X { float x[]; };
    ... layout(push_constant) uniform Push { float alpha; };
    ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= alpha; }''', name="scale")
    >>> x, other = vf.asarray(np.ones(3, np.float32)), vf.asarray(np.full(3, 5, np.float32))
    >>> with vf.record() as graph:
    ...     scale(x=x, alpha=2.0, threads=3)
    >>> graph.run()
    >>> graph.run(alpha=3.0)
    >>> x.tolist()
    [6.0, 6.0, 6.0]
    >>> graph.run(alpha=10.0, x=other)
    >>> other.tolist()
    [50.0, 50.0, 50.0]
)");
  bind_lifecycle(cls, "Graph");
  cls.def("run", &run, py::arg("changes") = py::none(), py::pos_only(), py::kw_only(), py::arg("timed") = false,
          R"(Runs the graph and waits; what is not given has the value that it was recorded with.

Args:
    changes: A dict of values by name, for names that are no Python identifiers.
    timed: Take a timestamp before and after each command, for `times`.
    **named: Values by name. A kernel's argument name means every call that has such an argument, where all were recorded
        with the same value; else "kernel.argument" or "kernel#2.argument" says which (`names` lists all that mean one
        thing). A name declared with `param` means what it was declared for.

Raises:
    BindingError: Nothing, or more than one thing, has this name.
    DtypeError, ShapeError, LayoutError, ReadOnlyError, ArgumentTypeError: As the kernel's own call raises them; nothing
        ran.
    UnsupportedError: timed=True on a device without timestamps.
    RangeError: A kernel with `debug=True` indexed out of range; what ran has run.
)");
  cls.def("submit", &submit, py::arg("changes") = py::none(), py::pos_only(), py::kw_only(),
          py::arg("after") = py::none(), py::arg("timed") = false, R"(Starts the graph and returns at once.

Runs of one graph follow each other on the device, each with the values it was given. Up to 16 runs with different values
may be on their way; one more waits for the oldest.

Args:
    changes: As of `run`.
    after: An `Event`, or a sequence of them, that must be done before.
    timed: As of `run`.
    **named: As of `run`.

Returns:
    An `Event`.

Raises:
    What `run` raises, before anything runs; RangeError by the Event, once the work is waited for.
)");
  cls.def("times", &times,
          "(name, milliseconds on the device) of each command in the last timed run, in the order of recording; it is\n"
          "waited for. Commands of one level may overlap, and so do their times. Empty before a timed run.");
  cls.def("copy", &copy, py::arg("source"), py::arg("target"),
          "Inside the block: records a copy of all bytes of an array into another.");
  cls.def("fill", &fill, py::arg("array"), py::arg("value"),
          "Inside the block: records setting every element to a value (one that repeats over 32-bit words). A value\n"
          "named by `param` may be another one in each run.");
  bind_graph_text(cls);

  py::class_<Recording>(module, "_Recording")
      .def("__enter__", &Recording::enter)
      .def("__exit__", [](Recording& self, const py::object& type, const py::object&, const py::object&) {
        self.exit(!type.is_none());
      });
  module.def(
      "record", [](py::object device) { return std::make_unique<Recording>(std::move(device)); }, py::kw_only(),
      py::arg("device") = py::none(), R"(A context manager that captures this thread's calls as a `Graph` and runs none.

Captured are calls of kernels and of prepared calls, the functions of `vulkan_forge.compute`, `graphics.Target.draw`,
`Target.clear`, `Target.read` into an `Array`, `Graph.copy` and `Graph.fill`. Everything else is done at once, as outside:
making and reading arrays, readbacks; they see memory as it is before the graph runs. Calls of other threads run as ever.
An exception in the block leaves nothing recorded.

Args:
    device: The `Device` of all that is captured; None takes that of the first call.

Raises:
    StateError: This thread is recording already.
    ArgumentTypeError: A call is given an ndarray: a graph keeps to memory that stays where it is. (Vertices and indices
        of a draw are copied.)
)");
  module.def("param", &param, py::arg("name"), py::arg("value"),
             R"(A name for a value in the graph that is being recorded.

Args:
    name: What `Graph.run` will call it.
    value: A number or sequence, a `Texture` or `Sampler`, or a list for an array of descriptors, to give to kernels'
        calls as an argument (a number also to `Graph.fill` as the value): the name then means all calls that got it. Or
        an `Array` or `Buffer`, which is returned as it is: the name means that memory wherever the graph uses it, in
        copies, fills, draws and building blocks too. One that stands in must have its dtype, shape and alignment.

Returns:
    What to give to the calls.

Raises:
    StateError: Outside of `with vf.record()`.
    InputError: The name is declared already, for something else.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> x, y, other = (vf.asarray(np.full(2, i, np.int32)) for i in range(3))
    >>> with vf.record() as graph:
    ...     graph.copy(vf.param("source", x), y)
    >>> graph.run(source=other)
    >>> y.tolist()
    [2, 2]
)");
}

}  // namespace forge::bind
