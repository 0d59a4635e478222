#include "forge/shader/kernel.hpp"

#include <pybind11/stl.h>

#include <algorithm>

#include "bind/array/put_off.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/shader/arguments.hpp"
#include "bind/shader/call.hpp"
#include "bind/shader/describe.hpp"
#include "bind/shader/dtypes.hpp"
#include "bind/shader/graph.hpp"
#include "bind/shader/kernel.hpp"
#include "bind/shader/source.hpp"
#include "bind/shader/specialize.hpp"
#include "bind/shader/watch.hpp"
#include "bind/vk/event.hpp"
#include "forge/core/environment.hpp"
#include "forge/shader/compile.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

bool debug_by_default() { return environment_flag("VULKAN_FORGE_DEBUG_KERNELS"); }

// Calls take these words for the size of the launch, so no argument of that name could be given.
void refuse_words_of_calls(const shader::Kernel& kernel) {
  for (const char* const word : {"threads", "groups", "groups_from"})
    if (kernel.find(word))
      throw Error(ErrorCode::ARGUMENT_NAMES, "kernel " + kernel.name() + " has an argument that no call can give",
                  "any name but threads, groups and groups_from", word, "give it another name in the shader");
}

std::unique_ptr<PyKernel> make_kernel(py::handle source, py::handle device, const std::string& name,
                                      const std::map<std::string, std::string>& includes,
                                      const std::map<std::string, std::string>& defines, const py::dict& spec,
                                      std::optional<bool> debug) {
  shader::KernelOptions options;
  options.name = name;
  options.spec = to_spec(spec);
  options.debug = debug.value_or(debug_by_default());
  const ShaderSource text(source, "the source of a Kernel");
  auto opened = device_or_default(device);
  const GilRelease nogil;
  shader::CompileOptions compile;
  compile.name = name;
  compile.includes = includes;
  compile.defines = defines;
  compile.lines = options.debug || text.says("debugPrintfEXT");
  shader::Words words = text.words(std::move(compile), *opened);
  auto kernel = std::make_shared<shader::Kernel>(std::move(opened), std::move(words), options);
  refuse_words_of_calls(*kernel);
  return std::make_unique<PyKernel>(std::move(kernel));
}

void run(PyKernel& self, py::kwargs given) {
  const auto share = self.live("Kernel");  // another thread may close this object meanwhile
  if (shader::GraphRecording* open = recording()) return capture_call(*open, share, given);
  shader::Kernel& kernel = *share;
  py::dict arguments(given);
  const shader::Grid grid = take_grid(arguments);
  const CallArguments ready(kernel, arguments);
  const shader::KernelCall call = kernel.bind(ready.named(), grid);
  if (!call.has_work) return;
  const GilRelease nogil;
  ready.send();
  vk::Commands commands(kernel.device());
  commands.because(vk::Why::called);
  call.record(commands);
  kernel.device()->wait(commands.submit());
  ready.fetch();
  deliver(call.watch, kernel.name());
}

// ndarrays: kept alive by the imported buffers until the device is done, or by the event that brings copies back.
PyEvent submit(PyKernel& self, py::kwargs given) {
  refuse_recording("Kernel.submit");
  const auto share = self.live("Kernel");
  shader::Kernel& kernel = *share;
  py::dict arguments(given);
  const std::vector<uint64_t> after = take_after(arguments, *kernel.device());
  const shader::Grid grid = take_grid(arguments);
  const auto ready = std::make_shared<CallArguments>(kernel, arguments, CallArguments::Lifetime::kept);
  const shader::KernelCall call = kernel.bind(ready->named(), grid);
  if (!call.has_work) return {kernel.device(), 0};
  std::function<void()> fetch;
  if (ready->brings_back() || call.watch)
    fetch = [ready, kept = keep_python(arguments), watch = call.watch, name = kernel.name()] {
      ready->fetch();
      deliver(watch, name);
    };
  const GilRelease nogil;
  ready->send();
  vk::Commands commands(kernel.device());
  commands.after(after);
  call.record(commands);
  return {kernel.device(), commands.submit(), std::move(fetch)};
}

std::unique_ptr<PyCall> prepare(PyKernel& self, py::kwargs given) {
  const auto share = self.live("Kernel");  // an argument's own code, or another thread, may close this object meanwhile
  const shader::Kernel& kernel = *share;
  py::dict arguments(given);
  const shader::Grid grid = take_grid(arguments);
  refuse_ndarrays(kernel, arguments, "a prepared call");
  const CallArguments ready(kernel, arguments);
  std::vector<shader::NamedArgument> named(ready.named().begin(), ready.named().end());
  return std::make_unique<PyCall>(std::make_shared<BoundCall>(share, std::move(named), grid, keep_python(arguments)));
}

}  // namespace

void bind_kernel(py::module_& module) {
  py::class_<PyCall> call(module, "Call", R"(A kernel with its arguments, recorded once and run by calling it.

Made by `Kernel.prepare`. Each call submits and waits; the GIL is released meanwhile. `submit` does not wait.
`Recorder.run` takes it too.
)");
  bind_lifecycle(call, "Call");
  call.def(
      "__call__",
      [](const PyCall& self) {
        const auto share = self.share();
        if (shader::GraphRecording* open = recording()) {
          compute_readers(*share->kernel(), share->named());
          return open->call(share->kernel()->device(), named_call(share->kernel(), share->named(), share->grid()));
        }
        const GilRelease nogil;
        share->run();
      },
      "Runs and waits.");
  call.def(
      "submit",
      [](const PyCall& self, py::handle after) {
        refuse_recording("Call.submit");
        const auto share = self.share();
        const auto& device = share->kernel()->device();
        const std::vector<uint64_t> numbers = to_numbers(after, *device);
        const GilRelease nogil;
        const uint64_t number = share->submit(numbers);
        const auto& watch = share->call().watch;
        if (!watch) return PyEvent(device, number);
        return PyEvent(device, number, [share, watch] { deliver(watch, share->kernel()->name()); });
      },
      py::kw_only(), py::arg("after") = py::none(),
      "Starts it and returns an `Event`; never waits for an earlier run. `after` as of `Kernel.submit`.");

  py::class_<PyKernel> cls(module, "Kernel", R"(A compute kernel from GLSL text or SPIR-V bytes.

Args:
    source: GLSL (str; `#version 450` is assumed where it names none) or SPIR-V (bytes, validated).
    device: A `Device`; None for the default one.
    name: Shown in messages and profiles.
    includes: Texts for `#include "name"`, by name.
    defines: Macros.
    spec: Values of specialisation constants, by name. A workgroup size that the shader leaves to a constant
        (`local_size_x_id`, without local_size_x) and nobody gives is chosen for the device: 256 invocations where it
        takes them, as 256, 16 x 16 or 8 x 8 x 4.
    debug: True: every index into memory is checked. A read out of range gives 0, a write is dropped, and the call (of
        work on its way the event's wait) then raises RangeError with line, index, name and size of the first. Costs
        time; sizes of buffers by address are known where they are arguments, not behind pointer arithmetic. None asks
        the environment: VULKAN_FORGE_DEBUG_KERNELS=1.

`debugPrintfEXT` (GL_EXT_debug_printf) needs no layer: its lines go to Python's logger "vulkan_forge.shader" at level INFO
once the call has been waited for.

Raises:
    RangeError: With `debug`, when called: an index out of range.
    ShaderError: It does not compile (the message shows each line), or is not valid SPIR-V.
    UnsupportedError: It needs a feature that the device lacks.
    LimitError: Its workgroup or push constants are too large for the device.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> scale = vf.Kernel('''
    ... layout(local_size_x = 64) in;
    ... layout(binding = 0) readonly buffer X { float x[]; };
    ... layout(binding = 1) writeonly buffer Y { float y[]; };
    ... layout(push_constant) uniform Push { uint n; float a; };
    ... void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = a * x[i]; }
    ... ''')
    >>> x = np.arange(4, dtype=np.float32); y = np.empty_like(x)
    >>> scale(x=x, y=y, n=4, a=2.0, threads=4)
    >>> y
    array([0., 2., 4., 6.], dtype=float32)
)");
  cls.def(py::init(&make_kernel), py::arg("source"), py::kw_only(), py::arg("device") = py::none(),
          py::arg("name") = "kernel", py::arg("includes") = std::map<std::string, std::string>{},
          py::arg("defines") = std::map<std::string, std::string>{}, py::arg("spec") = py::dict(),
          py::arg("debug") = py::none());
  bind_lifecycle(cls, "Kernel");
  cls.def("__call__", &run, R"(Runs the kernel and waits for it.

Args:
    threads: Invocations along x, y, z (an int or up to three); rounded up to whole workgroups.
    groups: Workgroups along x, y, z; give this or threads.
    groups_from: An `Array` of 3 uint32 (or a `Buffer` that begins with them) from which the device itself reads the
        workgroups along x, y, z when the work begins: an earlier kernel may have written them. Give this instead of
        threads or groups. Counts beyond `device.limits["max_groups"]` cannot be seen here and are undefined.
    **arguments: One for each of the shader's buffers and push constants, by the shader's own names. Buffers take
        C-contiguous ndarrays (used in place where the device can, and written back where not), `Array` or `Buffer`.
        Blocks of structures or of several members take structured ndarrays; `Kernel.dtype` gives the dtype.
        Push constants take numbers, sequences, (rows, columns) matrices and structured ndarrays. Textures and images
        take a `Texture`. Arrays of descriptors (`buffer X { float x[]; } xs[3]`, `uniform sampler2D maps[]`) take a list
        or tuple of as many; without a size in the shader, of one or more.

Raises:
    BindingError: An argument is missing or unknown.
    DtypeError, ShapeError, LayoutError, ReadOnlyError: An array does not fit the shader's declaration.
)");
  cls.def("submit", &submit, R"(Starts the kernel and returns at once.

Args:
    after: An `Event`, or a sequence of them, that must be done before. Work that shares memory keeps its order by itself;
        other work of one device needs this. Another device's event is refused: wait for it first.
    **arguments: As of a call. ndarrays are kept alive, and must be left alone, until the work is done: the device works
        in their own memory where it can. Where it cannot, what the kernel wrote is brought back by the Event's `wait`,
        `done` or `await`, whichever sees the end first.

Returns:
    An `Event`.

Raises:
    What a call raises, before anything runs.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> fill = vf.Kernel('''layout(local_size_x = 64) in;
    ... layout(binding = 0) writeonly buffer X { uint x[]; };
    ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] = 7; }''')
    >>> x = np.zeros(3, np.uint32)
    >>> event = fill.submit(x=x, threads=3)
    >>> event.wait()
    >>> x.tolist()
    [7, 7, 7]
)");
  cls.def(
      "prepare", &prepare,
      "The same arguments, checked and recorded once: returns a `Call` to run many times. Arrays must be `Array` or "
      "`Buffer`.");
  cls.def(
      "specialize",
      [](const PyKernel& self, const py::kwargs& given) {
        const auto share = self.live("Kernel");
        const auto spec = to_spec(given);
        const GilRelease nogil;
        return std::make_unique<PyKernel>(std::make_shared<shader::Kernel>(share->specialize(spec)));
      },
      R"(The same kernel with other values of its specialisation constants.

Shares the compiled program: nothing is compiled or reflected anew but the pipeline, which is kept for each set of
values. Constants that are not named keep the values they have here.

Args:
    **values: By the shader's names, or `local_size_x` and so on for a workgroup size without a name.

Returns:
    Kernel.

Raises:
    BindingError: There is no constant of that name; the message lists those there are.
    ArgumentTypeError, InputError: A value is not of the constant's type, or does not fit.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> fill = vf.Kernel('''
    ... layout(local_size_x_id = 0) in;
    ... layout(constant_id = 1) const float value = 1.0;
    ... layout(binding = 0) buffer X { float x[]; };
    ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] = value; }''')
    >>> x = np.zeros(3, np.float32)
    >>> fill.specialize(value=2.5)(x=x, threads=3)
    >>> x.tolist()
    [2.5, 2.5, 2.5]
)");
  cls.def(
      "dtype",
      [](const PyKernel& self, const std::string& name, py::handle length) {
        return dtype_of(self.kernel(), name, length);
      },
      py::arg("name"), py::kw_only(), py::arg("length") = py::none(),
      R"(The NumPy dtype that an argument has in the shader's memory.

Of an array this is the dtype of one element, with every offset and the itemsize as the block's layout (std140, std430,
scalar) makes them; of a block of several members it is the whole block. A mat4 is a (4, 4) field of columns, a mat3
that the layout pads a (3, 4) one, bool a uint32.

Args:
    name: An argument's name; `"lights.color"` reaches into structures.
    length: Elements of the runtime-sized array that ends a block of several members; None gives its fixed part.

Returns:
    numpy.dtype, for `np.zeros(n, kernel.dtype("particles"))`.

Raises:
    BindingError: There is no such argument or member.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> move = vf.Kernel('''
    ... struct Particle { vec3 at; float mass; vec3 speed; };
    ... layout(local_size_x = 64) in;
    ... layout(binding = 0) buffer P { Particle particles[]; };
    ... void main() {
    ...   uint i = gl_GlobalInvocationID.x;
    ...   if (i < particles.length()) particles[i].at += particles[i].speed;
    ... }''')
    >>> particles = np.zeros(5, move.dtype("particles"))
    >>> particles.dtype.itemsize
    32
    >>> particles["speed"] = (1, 0, 2)
    >>> move(particles=particles, threads=5)
    >>> particles["at"][4].tolist()
    [1.0, 0.0, 2.0]
)");
  cls.def_property_readonly("name", [](const PyKernel& self) { return self.kernel().name(); }, "As given.");
  cls.def_property_readonly(
      "device", [](const PyKernel& self) { return PyDevice(self.kernel().device()); }, "The device it runs on.");
  cls.def_property_readonly(
      "workgroup",
      [](const PyKernel& self) {
        const auto size = self.kernel().workgroup();
        return py::make_tuple(size[0], size[1], size[2]);
      },
      "Invocations of one workgroup along x, y, z.");
  cls.def_property_readonly(
      "parameters", [](const PyKernel& self) { return parameters_of(self.kernel()); },
      "The arguments it takes: dicts with name, type (as GLSL writes it), access (read, write, read_write,\n"
      "value), kind (binding, address, value) and count (of an array of descriptors; 0 where each call says how many;\n"
      "None for what is no array).");
  cls.def(
      "explain",
      [](const PyKernel& self) {
        const auto share = self.live("Kernel");
        const GilRelease nogil;
        return share->explain();
      },
      "What the kernel takes and uses, as text: bindings, push constants with offsets, specialisation constants with\n"
      "their values, the workgroup and how it was chosen, shared memory, subgroup size, SPIR-V size and capabilities,\n"
      "and what the driver says of the compiled code (registers, spills), where it says anything.");
}

}  // namespace forge::bind
