// Pipeline: a vertex and a fragment shader with the state they draw in.
#include <pybind11/stl.h>

#include "bind/gil.hpp"
#include "bind/graphics/draw.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/shader/describe.hpp"
#include "bind/shader/source.hpp"
#include "bind/shader/specialize.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::DrawPipeline;
using Texts = std::map<std::string, std::string>;

std::unique_ptr<PyPipeline> make_pipeline(py::handle vertex, py::handle fragment, py::handle state,
                                          const std::string& name, const Texts& includes, const Texts& defines,
                                          const py::dict& spec, py::handle device) {
  const ShaderSource sources[] = {{vertex, "the vertex shader of a Pipeline"},
                                  {fragment, "the fragment shader of a Pipeline"}};
  vk::DrawState drawn = to_draw_state(state);
  const DrawPipeline::Spec constants = to_spec(spec);
  auto opened = device_or_default(device);
  const GilRelease nogil;
  const auto compile = [&](const ShaderSource& source, shader::Stage stage, const char* suffix) {
    shader::CompileOptions options;
    options.stage = stage;
    options.name = name + suffix;
    options.includes = includes;
    options.defines = defines;
    return source.words(std::move(options), *opened);
  };
  shader::Words stages[] = {compile(sources[0], shader::Stage::vertex, ".vert"),
                            compile(sources[1], shader::Stage::fragment, ".frag")};
  return std::make_unique<PyPipeline>(std::make_shared<DrawPipeline>(
      std::move(opened), std::move(stages[0]), std::move(stages[1]), std::move(drawn), name, constants));
}

py::list variables(const std::vector<shader::InterfaceVariable>& rows) {
  py::list list;
  for (const shader::InterfaceVariable& row : rows) {
    py::dict one;
    one["name"] = row.name;
    one["type"] = to_string(row.type);
    one["location"] = row.location;
    list.append(one);
  }
  return list;
}

}  // namespace

void bind_pipeline(py::module_& module) {
  py::class_<PyPipeline> cls(module, "Pipeline",
                             R"(A vertex and a fragment shader, with the state they draw in.

Layouts follow from the shaders: vertex inputs, uniform and storage blocks, textures, samplers and push constants are
given to `Target.draw` by the shaders' own names, checked as a `Kernel`'s arguments are. What both stages declare is one
argument.

Args:
    vertex: GLSL (str) or SPIR-V (bytes). In clip space y points up and depth runs from 0 to 1, as `camera_view_proj`
        has it.
    fragment: GLSL or SPIR-V; output 0 is attachment 0 of the target, in linear light for sRGB formats.
    state: A `DrawState`: topology, blending, depth, stencil, culling. None for its defaults.
    name: Shown in messages, profiles and graphs.
    includes: Texts for `#include "name"`, by name.
    defines: Macros, for both stages.
    spec: Values of specialisation constants, by name; a name that both stages have is given to both.
    device: A `Device`; None for the default one.

Raises:
    ShaderError: A stage does not compile (the message shows each line), is not valid SPIR-V, or the stages declare one
        binding in two ways.
    UnsupportedError: It needs a feature that the device lacks.
    BindingError: `spec` names a constant that neither stage has.
    LimitError: Its push constants or descriptors are beyond a limit of the device.

Example:
    >>> from vulkan_forge import graphics
    >>> dots = graphics.Pipeline(
    ...     vertex='''layout(location = 0) in vec2 position;
    ...               void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; }''',
    ...     fragment='''layout(location = 0) out vec4 color;
    ...                 layout(push_constant) uniform Push { vec4 ink; };
    ...                 void main() { color = ink; }''',
    ...     state=graphics.DrawState(topology="points", blend="add", depth_test=False))
    >>> dots.inputs
    [{'name': 'position', 'type': 'vec2', 'location': 0}]
    >>> [(row["name"], row["type"]) for row in dots.parameters]
    [('ink', 'vec4')]
)");
  cls.def(py::init(&make_pipeline), py::kw_only(), "vertex"_a, "fragment"_a, "state"_a = py::none(),
          "name"_a = "pipeline", "includes"_a = Texts{}, "defines"_a = Texts{}, "spec"_a = py::dict(),
          "device"_a = py::none());
  bind_lifecycle(cls, "Pipeline");
  cls.def_property_readonly("name", [](const PyPipeline& self) { return self.share()->name(); }, "As given.");
  cls.def_property_readonly(
      "device", [](const PyPipeline& self) { return PyDevice(self.share()->device()); }, "The device it draws on.");
  cls.def_property_readonly(
      "inputs", [](const PyPipeline& self) { return variables(self.share()->inputs()); },
      "The vertex shader's inputs: dicts with name, type and location.");
  cls.def_property_readonly(
      "outputs", [](const PyPipeline& self) { return variables(self.share()->outputs()); },
      "The fragment shader's outputs: dicts with name, type and location, which is the attachment's number.");
  cls.def_property_readonly(
      "parameters", [](const PyPipeline& self) { return parameters_of(*self.share()); },
      "What else a draw takes by name: dicts as `Kernel.parameters` has them.");
  cls.def(
      "dtype",
      [](const PyPipeline& self, const std::string& name, py::handle length) {
        return dtype_of(*self.share(), name, length);
      },
      "name"_a, py::kw_only(), "length"_a = py::none(),
      R"(The NumPy dtype that an argument has in the shaders' memory; see `Kernel.dtype`.

Args:
    name: An argument's name; `"lights.color"` reaches into structures.
    length: Elements of the runtime-sized array that ends a block of several members.

Returns:
    numpy.dtype.

Raises:
    BindingError: There is no such argument or member.
)");
}

}  // namespace forge::bind
