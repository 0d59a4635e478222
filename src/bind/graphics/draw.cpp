// Target and Pipeline: drawing NumPy vertices with a user's shaders.
#include <pybind11/stl.h>

#include <algorithm>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/objects.hpp"
#include "bind/shader/arguments.hpp"
#include "bind/shader/graph.hpp"
#include "forge/graphics/draw_pipeline.hpp"
#include "forge/graphics/png.hpp"
#include "forge/shader/compile.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::DrawPipeline;
using graphics::Target;

class PyTarget : public Owner<std::shared_ptr<Target>> {
 public:
  using Owner::Owner;
  Target& get() const { return *live("Target"); }
};
class PyPipeline : public Owner<std::shared_ptr<DrawPipeline>> {
 public:
  using Owner::Owner;
  DrawPipeline& get() const { return *live("Pipeline"); }
};

struct PixelFormat {
  const char* name;
  VkFormat format;
  DType dtype;
  int channels;
};
constexpr PixelFormat kPixelFormats[] = {
    {"rgba8-srgb", VK_FORMAT_R8G8B8A8_SRGB, DType::uint8, 4},
    {"rgba8", VK_FORMAT_R8G8B8A8_UNORM, DType::uint8, 4},
    {"r32f", VK_FORMAT_R32_SFLOAT, DType::float32, 1},
    {"rg32f", VK_FORMAT_R32G32_SFLOAT, DType::float32, 2},
    {"rgba32f", VK_FORMAT_R32G32B32A32_SFLOAT, DType::float32, 4},
    {"rgba16f", VK_FORMAT_R16G16B16A16_SFLOAT, DType::float16, 4},
    {"r32ui", VK_FORMAT_R32_UINT, DType::uint32, 1},
};

template <class Row, size_t N>
const Row& row_named(const Row (&rows)[N], const std::string& name, const char* what) {
  std::string known;
  for (const Row& row : rows) {
    if (name == row.name) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string("unknown ") + what, known, "'" + name + "'");
}

const PixelFormat& format_row(VkFormat format) {
  const auto* row = std::find_if(std::begin(kPixelFormats), std::end(kPixelFormats),
                                 [&](const auto& r) { return r.format == format; });
  FORGE_ASSERT(row != std::end(kPixelFormats));
  return *row;
}

template <class T>
struct Named {
  const char* name;
  T value;
};
constexpr Named<vk::Topology> kTopologies[] = {{"triangles", vk::Topology::triangles},
                                               {"triangle-strip", vk::Topology::triangle_strip},
                                               {"lines", vk::Topology::lines},
                                               {"line-strip", vk::Topology::line_strip},
                                               {"points", vk::Topology::points}};
constexpr Named<vk::Cull> kCulls[] = {{"none", vk::Cull::none}, {"back", vk::Cull::back}, {"front", vk::Cull::front}};
constexpr Named<vk::Blend> kBlends[] = {{"none", vk::Blend::none},
                                        {"alpha", vk::Blend::alpha},
                                        {"premultiplied", vk::Blend::premultiplied},
                                        {"add", vk::Blend::add}};

std::unique_ptr<PyTarget> make_target(py::handle width, py::handle height, const std::string& format, bool depth,
                                      uint32_t samples, py::handle device) {
  const auto extent = [](py::handle value) {
    const int64_t number = to_integer(value, "width and height must be integers");
    if (number < 1)
      throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", ">= 1", std::to_string(number));
    return static_cast<uint32_t>(std::min<int64_t>(number, UINT32_MAX));
  };
  graphics::TargetOptions options;
  options.color = row_named(kPixelFormats, format, "pixel format").format;
  options.depth = depth ? VK_FORMAT_D32_SFLOAT : VK_FORMAT_UNDEFINED;
  options.samples = samples;
  const uint32_t w = extent(width), h = extent(height);
  auto opened = device_or_default(device);
  const GilRelease nogil;
  return std::make_unique<PyTarget>(std::make_shared<Target>(std::move(opened), w, h, options));
}

std::unique_ptr<PyPipeline> make_pipeline(const std::string& vertex, const std::string& fragment,
                                          const std::string& topology, const std::string& cull,
                                          const std::string& blend, bool depth_test, bool wireframe,
                                          const std::string& name, const std::map<std::string, std::string>& includes,
                                          py::handle device) {
  vk::DrawState state;
  state.topology = row_named(kTopologies, topology, "topology").value;
  state.cull = row_named(kCulls, cull, "cull mode").value;
  state.blend = row_named(kBlends, blend, "blend mode").value;
  state.depth_test = state.depth_write = depth_test;
  state.wireframe = wireframe;
  auto opened = device_or_default(device);
  const GilRelease nogil;
  const auto compile = [&](const std::string& text, shader::Stage stage, const char* suffix) {
    shader::CompileOptions options;
    options.stage = stage;
    options.name = name + suffix;
    options.includes = includes;
    options.vulkan_minor = std::min<uint32_t>(opened->info().api_version >> 12 & 0x3FF, 3);
    return shader::compile_cached(text, options);
  };
  shader::Words stages[] = {compile(vertex, shader::Stage::vertex, ".vert"),
                            compile(fragment, shader::Stage::fragment, ".frag")};
  return std::make_unique<PyPipeline>(std::make_shared<DrawPipeline>(std::move(opened), std::move(stages[0]),
                                                                     std::move(stages[1]), std::move(state), name));
}

// Vertex memory in place where the device sees it and each vertex is aligned; else, and in a graph, a copy on the device.
vk::BufferRef on_device(const std::shared_ptr<vk::Device>& device, void* data, uint64_t bytes) {
  const GilRelease nogil;
  const bool aligned = reinterpret_cast<uintptr_t>(data) % 4 == 0;
  const bool outlives = recording() != nullptr;  // a graph draws it again later
  if (bytes > 0 && aligned && !outlives && device->unified() && device->limits().host_import_alignment) {
    try {
      return vk::Buffer::import_host(device, data, bytes, nullptr);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::INTEROP) throw;
    }
  }
  vk::BufferRef copy(vk::Buffer::create(device, bytes, vk::Memory::device, "vertices"));
  vk::upload(copy, data);
  return copy;
}

HostArray contiguous(py::handle value, const std::string& what) {
  const HostArray host = check_numbers(value, what.c_str());
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, what + " is not C-contiguous", "C order without gaps",
                "strides " + to_string(host.strides), "pass np.ascontiguousarray(a)");
  return host;
}

graphics::VertexData plain_stream(const std::shared_ptr<vk::Device>& device, const std::string& name,
                                  py::handle value) {
  if (py::isinstance<PyArray>(value)) {
    const auto& array = value.cast<const PyArray&>().array();
    const auto& shape = array.shape();
    if (shape.empty() || shape.size() > 2)
      throw Error(ErrorCode::BAD_SHAPE, "vertex input " + name, "(N,) or (N, components)", to_string(shape));
    const auto parts = static_cast<uint32_t>(shape.size() == 2 ? shape[1] : 1);
    return {name,
            array.bytes(),
            array.dtype(),
            parts,
            0,
            parts * static_cast<uint32_t>(size_of(array.dtype())),
            static_cast<uint64_t>(shape[0])};
  }
  const HostArray host = contiguous(value, "vertex input " + name);
  if (host.shape.empty() || host.shape.size() > 2)
    throw Error(ErrorCode::BAD_SHAPE, "vertex input " + name, "(N,) or (N, components)", to_string(host.shape));
  const auto parts = static_cast<uint32_t>(host.shape.size() == 2 ? host.shape[1] : 1);
  const auto stride = parts * static_cast<uint32_t>(size_of(host.dtype));
  const auto count = static_cast<uint64_t>(host.shape[0]);
  return {name, on_device(device, host.data, count * stride), host.dtype, parts, 0, stride, count};
}

// The fields of a structured array, interleaved as they are.
std::vector<graphics::VertexData> structured_streams(const std::shared_ptr<vk::Device>& device,
                                                     const py::array& values) {
  if (values.ndim() != 1 || !(values.flags() & py::array::c_style))
    throw Error(ErrorCode::BAD_SHAPE, "vertices", "a 1-D C-contiguous structured array", describe_value(values));
  const auto stride = static_cast<uint32_t>(values.itemsize());
  const auto count = static_cast<uint64_t>(values.shape(0));
  const vk::BufferRef buffer = on_device(device, const_cast<void*>(values.data()), count * stride);
  std::vector<graphics::VertexData> streams;
  for (const auto& [key, entry] : values.dtype().attr("fields").cast<py::dict>()) {
    const py::dtype field = entry[py::int_(0)].cast<py::dtype>();
    const py::object base = field.attr("subdtype");
    const bool several = !base.is_none();
    const DType dtype = to_dtype(several ? py::object(base[py::int_(0)]) : py::object(field));
    const auto parts = static_cast<uint32_t>(static_cast<size_t>(field.itemsize()) / size_of(dtype));
    streams.push_back(
        {key.cast<std::string>(), buffer, dtype, parts, entry[py::int_(1)].cast<uint32_t>(), stride, count});
  }
  return streams;
}

template <class T>
uint64_t highest(const HostArray& indices) {
  const auto* first = static_cast<const T*>(indices.data);
  const int64_t count = element_count(indices.shape);
  return count ? *std::max_element(first, first + count) : 0;
}

graphics::IndexData to_indices(const std::shared_ptr<vk::Device>& device, py::handle value, uint64_t vertices) {
  const HostArray host = contiguous(value, "indices");
  if (host.dtype != DType::uint32 && host.dtype != DType::uint16)
    throw Error(ErrorCode::BAD_DTYPE, "indices", "uint32 or uint16", std::string(name_of(host.dtype)),
                "convert them: .astype(np.uint32)");
  const auto count = static_cast<uint64_t>(element_count(host.shape));
  uint64_t most = 0;
  {
    const GilRelease nogil;
    most = host.dtype == DType::uint32 ? highest<uint32_t>(host) : highest<uint16_t>(host);
  }
  if (count && most >= vertices)
    throw Error(ErrorCode::OUT_OF_RANGE, "an index names no vertex", "below " + std::to_string(vertices),
                std::to_string(most));
  return {on_device(device, host.data, count * size_of(host.dtype)), host.dtype, count};
}

void capture_draw(shader::GraphRecording& open, const std::shared_ptr<Target>& target,
                  const std::shared_ptr<DrawPipeline>& pipeline, DrawPipeline::Inputs inputs,
                  std::vector<std::string> params, const std::optional<std::array<float, 4>>& clear) {
  shader::GraphCall call;
  call.name = pipeline->name();
  call.arguments = inputs.values;
  call.params = std::move(params);
  call.record = [target, pipeline, inputs = std::move(inputs), clear](
                    vk::Commands& commands, std::span<const shader::NamedArgument> values) mutable {
    inputs.values.assign(values.begin(), values.end());
    target->draw(commands, {pipeline->call(*target, inputs)}, clear);
    return std::shared_ptr<shader::Watch>();
  };
  open.call(target->device(), std::move(call));
}

void draw(const PyTarget& self, const PyPipeline& pipeline, py::object vertices, py::object indices, py::object clear,
          uint32_t instances, py::object count, const py::kwargs& values) {
  const auto target = self.live("Target");
  DrawPipeline& drawn = pipeline.get();
  const auto& device = target->device();
  DrawPipeline::Inputs inputs;
  if (py::isinstance<py::array>(vertices) && !py::object(vertices.attr("dtype").attr("fields")).is_none()) {
    inputs.vertices = structured_streams(device, vertices.cast<py::array>());
  } else if (py::isinstance<py::dict>(vertices)) {
    for (const auto& [key, value] : vertices.cast<py::dict>())
      inputs.vertices.push_back(plain_stream(device, key.cast<std::string>(), value));
  } else if (!vertices.is_none()) {
    throw Error(ErrorCode::BAD_TYPE, "vertices", "a dict of arrays by input name, or a structured array",
                describe_value(vertices));
  }
  if (!count.is_none()) inputs.count = count.cast<uint64_t>();
  const uint64_t known = inputs.vertices.empty() ? inputs.count.value_or(0) : inputs.vertices.front().count;
  if (!indices.is_none()) inputs.indices = to_indices(device, indices, known);
  std::vector<std::string> params;
  for (const auto& [key, given] : values) {
    auto value = py::reinterpret_borrow<py::object>(given);
    params.push_back(take_param(value));
    inputs.values.push_back({key.cast<std::string>(), to_numbers_argument(value, key.cast<std::string>())});
  }
  inputs.instances = instances;
  std::optional<std::array<float, 4>> color;
  if (!clear.is_none()) {
    const auto parts = to_numbers(clear, 4, "clear must be four numbers (r, g, b, a), linear");
    color = {static_cast<float>(parts[0]), static_cast<float>(parts[1]), static_cast<float>(parts[2]),
             static_cast<float>(parts[3])};
  }
  if (shader::GraphRecording* open = recording())
    return capture_draw(*open, target, pipeline.live("Pipeline"), std::move(inputs), std::move(params), color);
  const GilRelease nogil;
  vk::Commands commands(device);
  target->draw(commands, {drawn.call(*target, inputs)}, color);
  device->wait(commands.submit());
}

py::array read(const PyTarget& self, bool depth) {
  const auto target = self.live("Target");
  const PixelFormat& row = format_row(target->options().color);
  std::vector<py::ssize_t> shape{target->height(), target->width()};
  if (!depth && row.channels > 1) shape.push_back(row.channels);
  py::array picture(numpy_dtype(depth ? DType::float32 : row.dtype), std::move(shape));
  void* to = picture.mutable_data();
  const GilRelease nogil;
  vk::Commands commands(target->device());
  const vk::BufferRef texels =
      depth ? target->read_depth(commands, target->whole()) : target->read_color(commands, target->whole());
  target->device()->wait(commands.submit());
  graphics::copy_out(to, texels);
  return picture;
}

}  // namespace

void bind_draw(py::module_& module) {
  py::class_<PyPipeline> pipeline(module, "Pipeline",
                                  R"(A vertex and a fragment shader in GLSL, with the state they draw in.

Args:
    vertex: GLSL; inputs are named by the arrays given to `Target.draw`. In clip space y points up and depth runs from
        0 to 1, as `camera_view_proj` has it.
    fragment: GLSL; output 0 is the colour, in linear light for sRGB targets.
    topology: "triangles", "triangle-strip", "lines", "line-strip" or "points".
    cull: "none", "back" or "front".
    blend: "none", "alpha", "premultiplied" or "add".
    depth_test: Test and write depth.
    wireframe: Draw edges only.
    name: Shown in messages.
    includes: Texts for `#include "name"`.
    device: A `Device`; None for the default one.

Raises:
    ShaderError: A stage does not compile, or binds textures or buffers (not in this version).
)");
  py::class_<PyTarget> target(module, "Target", R"(An offscreen picture with depth, to draw into and read back.

Args:
    width: Pixels, >= 1.
    height: Pixels, >= 1.
    format: "rgba8-srgb" (linear light, stored as sRGB), "rgba8", "rgba16f", "rgba32f", "rg32f", "r32f" or "r32ui".
    depth: Have a float32 depth buffer.
    samples: 1, 2, 4 or 8; more than one is antialiased and resolved.
    device: A `Device`; None for the default one.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> from vulkan_forge import graphics
    >>> target = graphics.Target(64, 64)
    >>> pipeline = graphics.Pipeline(
    ...     vertex='''layout(location = 0) in vec2 position;
    ...               void main() { gl_Position = vec4(position, 0.0, 1.0); }''',
    ...     fragment='''layout(location = 0) out vec4 color;
    ...                 layout(push_constant) uniform Push { vec4 ink; };
    ...                 void main() { color = ink; }''')
    >>> corners = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)
    >>> target.draw(pipeline, vertices={"position": corners}, clear=(0, 0, 0, 1), ink=(1, 0, 0, 1))
    >>> target.read()[0, 0]
    array([255,   0,   0, 255], dtype=uint8)
)");
  target.def(py::init(&make_target), "width"_a, "height"_a, py::kw_only(), "format"_a = "rgba8-srgb", "depth"_a = true,
             "samples"_a = 1, "device"_a = py::none());
  bind_lifecycle(target, "Target");
  target.def_property_readonly("width", [](const PyTarget& self) { return self.get().width(); }, "Pixels.");
  target.def_property_readonly("height", [](const PyTarget& self) { return self.get().height(); }, "Pixels.");
  target.def("draw", &draw, "pipeline"_a, py::kw_only(), "vertices"_a = py::none(), "indices"_a = py::none(),
             "clear"_a = py::none(), "instances"_a = 1, "count"_a = py::none(), R"(Draws and waits.

Args:
    pipeline: A `Pipeline` of the same device.
    vertices: Arrays by the vertex shader's input names: a dict of (N, components) arrays (ndarray or `Array`), or one
        structured ndarray with those field names. Used in place where the device shares memory with the host.
    indices: uint32 or uint16 array; None draws the vertices in order.
    clear: Linear (r, g, b, a) to start from; None draws over what is there.
    instances: How often to draw.
    count: Vertices, for shaders that take no inputs.
    **values: Push constants by name.

Raises:
    BindingError: An input or push constant is missing or unknown.
    DtypeError, ShapeError, RangeError: An array does not fit; an index names no vertex.
)");
  target.def(
      "read", [](const PyTarget& self) { return read(self, false); },
      "The picture as (height, width) or (height, width, channels); row 0 is the top.");
  target.def(
      "read_depth", [](const PyTarget& self) { return read(self, true); },
      "float32 (height, width): 0 near to 1 far; targets of one sample.");

  pipeline.def(py::init(&make_pipeline), py::kw_only(), "vertex"_a, "fragment"_a, "topology"_a = "triangles",
               "cull"_a = "none", "blend"_a = "none", "depth_test"_a = true, "wireframe"_a = false,
               "name"_a = "pipeline", "includes"_a = std::map<std::string, std::string>{}, "device"_a = py::none());
  bind_lifecycle(pipeline, "Pipeline");
}

}  // namespace forge::bind
