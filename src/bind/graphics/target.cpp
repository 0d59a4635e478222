// Target: making, clearing and reading it.
#include <pybind11/stl.h>

#include <algorithm>

#include "bind/array/put_off.hpp"
#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/draw.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/ndarray.hpp"
#include "bind/shader/graph.hpp"
#include "bind/vk/event.hpp"
#include "bind/vk/vk.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Plane;
using graphics::Target;

VkFormat to_format(const vk::Device& device, py::handle value) {
  if (!py::isinstance<py::str>(value))
    throw Error(ErrorCode::BAD_TYPE, "format", "a name, a sequence of names, or a dict of them by output",
                Py_TYPE(value.ptr())->tp_name);
  auto name = value.cast<std::string>();
  std::replace(name.begin(), name.end(), '-', '_');
  if (const vk::TexelRow* row = vk::find_texel(name)) return row->format;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown pixel format",
              "one that " + device.info().name + " draws into: " + graphics::color_formats(device),
              "'" + value.cast<std::string>() + "'");
}

// A name; several, in the order of the shader's outputs; or a dict that names them.
void set_formats(const vk::Device& device, py::handle format, graphics::TargetOptions& options) {
  options.colors.clear();
  if (py::isinstance<py::str>(format)) {
    options.colors.push_back(to_format(device, format));
  } else if (py::isinstance<py::dict>(format)) {
    for (const auto& [key, one] : py::reinterpret_borrow<py::dict>(format)) {
      options.names.push_back(py::str(key).cast<std::string>());
      options.colors.push_back(to_format(device, one));
      if (options.names.back() == "depth" || options.names.back() == "stencil")
        throw Error(ErrorCode::INVALID_ARGUMENT, "the name of an attachment", "another than depth and stencil",
                    options.names.back(), "depth=True and stencil=True make those");
    }
  } else if (py::isinstance<py::list>(format) || py::isinstance<py::tuple>(format)) {
    for (const auto one : format) options.colors.push_back(to_format(device, one));
  } else if (!format.is_none()) {
    to_format(device, format);  // throws
  }
}

std::unique_ptr<PyTarget> make_target(py::handle width, py::handle height, py::handle format, bool depth, bool stencil,
                                      uint32_t samples, py::handle device) {
  const auto extent = [](py::handle value) {
    const int64_t number = to_integer(value, "width and height must be integers");
    if (number < 1)
      throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", ">= 1", std::to_string(number));
    return static_cast<uint32_t>(std::min<int64_t>(number, UINT32_MAX));
  };
  const uint32_t w = extent(width), h = extent(height);
  auto opened = device_or_default(device);
  graphics::TargetOptions options;
  set_formats(*opened, format, options);
  options.depth = depth ? VK_FORMAT_D32_SFLOAT : VK_FORMAT_UNDEFINED;
  if (stencil) {
    options.depth = graphics::stencil_format(*opened);
    if (options.depth == VK_FORMAT_UNDEFINED)
      throw Error(ErrorCode::MISSING_FEATURE, "the device has no stencil", "depth and stencil in one format",
                  opened->info().name, "draw without stencil=True")
          .with("feature", "stencil");
  }
  options.samples = samples;
  options.sampled = true;
  const GilRelease nogil;
  auto target = std::make_shared<Target>(std::move(opened), w, h, options);
  target->prepare();
  return std::make_unique<PyTarget>(std::move(target));
}

vk::ImageRegion to_region(const Target& target, py::handle value) {
  if (value.is_none()) return target.whole();
  if (!PySequence_Check(value.ptr()) || PyUnicode_Check(value.ptr()) || py::len(value) != 4)
    throw Error(ErrorCode::BAD_TYPE, "region", "(x, y, width, height) in pixels, y from the top",
                describe_value(value));
  std::array<int64_t, 4> parts{};
  for (size_t i = 0; i < 4; ++i) {
    parts[i] = to_integer(value[py::int_(i)], "region: (x, y, width, height) must be integers");
    if (parts[i] < 0 || parts[i] > UINT32_MAX)
      throw Error(ErrorCode::OUT_OF_RANGE, "a region outside the target",
                  "within " + std::to_string(target.width()) + " x " + std::to_string(target.height()),
                  std::to_string(parts[i]));
  }
  const auto part = [&](size_t i) { return static_cast<uint32_t>(parts[i]); };
  vk::ImageRegion region{part(0), part(1), part(2), part(3)};
  target.check_region(region);
  return region;
}

// What is read: where it stands, and what NumPy makes of it.
struct Reading {
  std::shared_ptr<Target> target;
  Plane plane;
  vk::ImageRegion region;
  DType dtype;
  Dims shape;

  bool packs_depth() const {
    return plane.kind == Plane::Kind::depth && target->options().depth == VK_FORMAT_D24_UNORM_S8_UINT;
  }
  // In place, once the texels are there.
  void unpack(void* texels) const {
    if (packs_depth())
      graphics::unpack_depths(static_cast<float*>(texels), static_cast<uint64_t>(element_count(shape)),
                              target->options().depth);
  }
  std::vector<py::ssize_t> numpy_shape() const { return {shape.begin(), shape.end()}; }
};

Reading to_reading(const PyTarget& self, py::handle attachment, py::handle region) {
  const auto target = self.live("Target");
  const Plane plane = to_plane(*target, attachment);
  target->bytes(plane);  // refuses what the target does not have
  Reading reading{target, plane, to_region(*target, region), DType::float32, {}};
  reading.shape = {reading.region.height, reading.region.width};
  if (plane.kind == Plane::Kind::stencil) reading.dtype = DType::uint8;
  if (plane.kind != Plane::Kind::color) return reading;
  const vk::TexelRow& texel = *vk::find_texel(target->options().colors[plane.index]);
  reading.dtype = texel.dtype;
  if (texel.channels > 1) reading.shape.push_back(texel.channels);
  return reading;
}

void check_drawn(const Target& target) {
  if (!target.is_drawn())
    throw Error(ErrorCode::WRONG_STATE, "nothing was drawn into this target", "a draw or a clear that succeeded",
                "none since it was made", "a draw that raised has drawn nothing: mend what it said");
}

void check_out(const Reading& reading, DType dtype, const Dims& shape, bool contiguous, bool writable) {
  if (dtype != reading.dtype)
    throw Error(ErrorCode::BAD_DTYPE, "out", std::string(name_of(reading.dtype)), std::string(name_of(dtype)));
  if (shape != reading.shape)
    throw Error(ErrorCode::BAD_SHAPE, "out", "shape " + to_string(reading.shape), "shape " + to_string(shape));
  if (!writable) throw Error(ErrorCode::READ_ONLY, "out", "a writable array", "a read-only one");
  if (!contiguous) throw Error(ErrorCode::NOT_CONTIGUOUS, "out is not C-contiguous", "C order without gaps", "gaps");
}

// Into an Array the pixels stay on the device: a part of a graph like any other.
void read_into_array(const Reading& reading, const PyArray& out) {
  const auto& array = out.array();
  check_out(reading, array.dtype(), array.shape(), array.contiguous(), array.writable());
  if (&array.device() != reading.target->device().get())
    throw Error(ErrorCode::INVALID_ARGUMENT, "out is an array of another device",
                "one on " + reading.target->device()->info().name, array.device().info().name,
                "make both on the same vf.Device");
  if (reading.packs_depth())
    throw Error(ErrorCode::MISSING_FEATURE, "this device keeps depth in 24 bits", "depth as float32",
                reading.target->device()->info().name, "read it into an ndarray, or leave stencil=True away")
        .with("feature", "float32 depth with stencil");
  const vk::BufferRef to = array.bytes();
  if ((to.buffer->origin() + to.offset) % std::max<uint64_t>(reading.target->bytes(reading.plane), 4) != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, "out does not start where the device needs it",
                "a start at a multiple of a pixel's bytes", std::to_string(to.offset) + " bytes into its memory",
                "give an array of its own");
  const auto record = [&](vk::Commands& commands) {
    reading.target->read_into(commands, reading.plane, reading.region, to);
  };
  if (shader::GraphRecording* open = recording()) {
    compute_readers(to);
    return open->run(reading.target->device(), record);
  }
  check_drawn(*reading.target);
  const GilRelease nogil;
  vk::Commands commands(reading.target->device());
  record(commands);
  commands.submit();
}

void read_now(const Reading& reading, void* to) {
  check_drawn(*reading.target);
  const GilRelease nogil;
  const auto& device = reading.target->device();
  vk::Commands commands(device);
  commands.because(vk::Why::readback);
  const vk::BufferRef texels = reading.target->read(commands, reading.plane, reading.region);
  device->wait(commands.submit());
  graphics::copy_out(to, texels);
  reading.unpack(to);
}

py::object read(const PyTarget& self, py::handle attachment, py::handle region, const py::object& out) {
  const Reading reading = to_reading(self, attachment, region);
  if (py::isinstance<PyArray>(out)) {
    read_into_array(reading, out.cast<const PyArray&>());
    return out;
  }
  if (!out.is_none()) {
    const HostArray host = check_numbers(out, "out");
    check_out(reading, host.dtype, host.shape, host.contiguous(), host.writable);
    read_now(reading, host.data);
    return out;
  }
  py::array picture(numpy_dtype(reading.dtype), reading.numpy_shape());
  read_now(reading, picture.mutable_data());
  return picture;
}

// The ndarray is over the memory that the pixels arrive in.
PyHostFuture read_async(const PyTarget& self, py::handle attachment, py::handle region) {
  refuse_recording("Target.read_async");
  const Reading reading = to_reading(self, attachment, region);
  check_drawn(*reading.target);
  const auto& device = reading.target->device();
  std::optional<vk::BufferRef> texels;
  uint64_t number = 0;
  {
    const GilRelease nogil;
    vk::Commands commands(device);
    commands.because(vk::Why::readback);
    texels = reading.target->read(commands, reading.plane, reading.region);
    number = commands.submit();
  }
  auto held = std::make_unique<vk::BufferRef>(*texels);
  void* memory = held->buffer->mapped() + held->offset;
  const py::capsule owner(held.release(), [](void* ref) { delete static_cast<vk::BufferRef*>(ref); });
  py::array picture(numpy_dtype(reading.dtype), reading.numpy_shape(), memory, owner);
  auto event = std::make_shared<vk::Event>(device, number, [ref = *texels, reading, memory] {
    ref.buffer->invalidate(ref.offset, ref.size);
    reading.unpack(memory);
  });
  return {std::move(event), std::move(picture)};
}

void clear(const PyTarget& self, py::handle value) {
  const auto target = self.live("Target");
  const auto cleared = to_clear(*target, value);
  const auto record = [&](vk::Commands& commands) { target->draw(commands, {}, cleared); };
  if (!cleared)
    throw Error(ErrorCode::BAD_TYPE, "what to clear to", "a colour, or a dict of values by attachment", "None");
  if (shader::GraphRecording* open = recording()) return open->run(target->device(), record);
  const GilRelease nogil;
  vk::Commands commands(target->device());
  record(commands);
  target->device()->wait(commands.submit());
}

PyTexture texture(const PyTarget& self, py::handle attachment, const std::string& filter, const std::string& wrap,
                  bool normalized) {
  const auto target = self.live("Target");
  const Plane plane = to_plane(*target, attachment);
  if (plane.kind == Plane::Kind::stencil)
    throw Error(ErrorCode::INVALID_ARGUMENT, "stencil as a texture", "a colour attachment, or \"depth\"", "\"stencil\"",
                "read it into an Array: target.read(\"stencil\", out=array)");
  const auto& image = plane.kind == Plane::Kind::depth ? target->depth() : target->color(plane.index);
  return PyTexture(vk::Texture::over(image, to_sampler(filter, wrap, normalized)));
}

py::tuple formats(const PyTarget& self) {
  py::list names;
  for (const VkFormat format : self.get().options().colors) names.append(std::string(vk::find_texel(format)->name));
  return py::tuple(names);
}

}  // namespace

void bind_target(py::module_& module) {
  py::class_<PyTarget> cls(module, "Target", R"(An offscreen picture, to draw into and read back.

Args:
    width: Pixels, >= 1.
    height: Pixels, >= 1.
    format: Of the attachments: a name; a sequence of names, for outputs 0, 1, ... of the fragment shader; a dict of
        names by output; or () for depth alone. "rgba8_srgb" (linear light, stored as sRGB) and, with 1, 2 or 4 channels
        r, rg, rgba: "rgba8" (0.0 to 1.0 as bytes), "rgba16", "rgba16f", "rgba32f", and integers as "r32ui", "rgba8i".
        The device is asked: an error names those it draws into.
    depth: Have a float32 depth buffer.
    stencil: Have an 8-bit stencil buffer, and depth with it.
    samples: 1, 2, 4 or 8; more than one is antialiased: colours are averaged into pixels, depth and stencil are the
        first sample's. Not for integers, which have no mean.
    device: A `Device`; None for the default one.

Raises:
    UnsupportedError: The device does not draw into this format, or with as many samples.
    LimitError: It is larger than the device allows, or has more attachments.
    InputError: A name is unknown; integers with several samples.

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
  cls.def(py::init(&make_target), "width"_a, "height"_a, py::kw_only(), "format"_a = "rgba8_srgb", "depth"_a = true,
          "stencil"_a = false, "samples"_a = 1, "device"_a = py::none());
  bind_lifecycle(cls, "Target");
  cls.def_property_readonly("width", [](const PyTarget& self) { return self.get().width(); }, "Pixels.");
  cls.def_property_readonly("height", [](const PyTarget& self) { return self.get().height(); }, "Pixels.");
  cls.def_property_readonly("samples", [](const PyTarget& self) { return self.get().options().samples; }, "As given.");
  cls.def_property_readonly("formats", &formats, "Of each attachment, as `Texture` names them.");
  cls.def_property_readonly(
      "attachments", [](const PyTarget& self) { return self.get().options().names; },
      "Names of the attachments; empty where they go by number.");
  cls.def_property_readonly(
      "device", [](const PyTarget& self) { return PyDevice(self.get().device()); }, "The device it lies on.");
  cls.def("draw", &draw, "pipeline"_a, py::kw_only(), "vertices"_a = py::none(), "per_instance"_a = py::none(),
          "indices"_a = py::none(), "indirect"_a = py::none(), "clear"_a = py::none(), "instances"_a = py::none(),
          "count"_a = py::none(), "arguments"_a = py::none(),
          R"(Draws and waits; inside `record` it is captured instead.

Args:
    pipeline: A `Pipeline` of the same device.
    vertices: Arrays by the vertex shader's input names: a dict of (N, components) arrays (ndarray or `Array`), or one
        structured ndarray with those field names. Rows may have gaps between them. Used in place where the device
        shares memory with the host, else copied there.
    per_instance: The same, a row for each instance.
    indices: uint32 or uint16, ndarray or `Array`; None draws the vertices in order. Those of an ndarray are checked.
    indirect: An `Array` of uint32 that the device reads when it draws: (N, 4) rows of vertices, instances, first vertex,
        first instance; with indices (N, 5) of indices, instances, first index, vertex offset, first instance.
    clear: What to start from; None draws over what is there (zeros and depth 1 in a new target). Linear (r, g, b, a) for
        all attachments, or a dict of values by attachment, "depth" and "stencil"; what it leaves out is zeros, depth 1.
    instances: How often to draw; None takes the rows of `per_instance`, else 1.
    count: Vertices, for shaders that take no inputs.
    arguments: The shaders' arguments in a dict, for names that cannot be keywords.
    **values: The shaders' arguments by name, as of a `Kernel`'s call: arrays for blocks, a `Texture` or `Sampler`,
        numbers for push constants.

Raises:
    BindingError: An input or argument is missing or unknown; an attachment would get another's output.
    DtypeError, ShapeError, LayoutError, RangeError: An array does not fit; an index names no vertex.
    StateError: The pipeline tests depth or stencil, which the target does not have.
    InputError: The target is read by what draws into it; memory of another device; counts that disagree.
    UnsupportedError: The device does not blend the format, or draw lines so wide.

After an error the picture is what it was before.
)");
  cls.def("clear", &clear, "values"_a, R"(Clears the attachments; inside `record` it is captured.

Args:
    values: As `clear` of `draw`.

Example:
    >>> from vulkan_forge import graphics
    >>> target = graphics.Target(2, 1, format={"color": "rgba8", "ids": "r32ui"})
    >>> target.clear({"color": (1, 0, 0, 1), "ids": 7, "depth": 0.5})
    >>> target.read("ids")
    array([[7, 7]], dtype=uint32)
)");
  cls.def("read", &read, "attachment"_a = 0, py::kw_only(), "region"_a = py::none(), "out"_a = py::none(),
          R"(An attachment as an array of (height, width) or (height, width, channels), row 0 on top; never padded.

Args:
    attachment: A number or name of the target's, "depth" (float32, 0 near to 1 far) or "stencil" (uint8).
    region: (x, y, width, height) in pixels, y from the top; None reads everything.
    out: A C-contiguous ndarray of that shape and dtype to read into; or an `Array`, which keeps the pixels on the device:
        that does not wait, and inside `record` it is captured.

Returns:
    numpy.ndarray, or `out`.

Raises:
    StateError: Nothing was drawn yet, or no draw succeeded; the target has no depth or stencil.
    RangeError: The region does not lie inside, or there is no such attachment.
    DtypeError, ShapeError, LayoutError, ReadOnlyError: `out` does not fit.
)");
  cls.def("read_async", &read_async, "attachment"_a = 0, py::kw_only(), "region"_a = py::none(),
          R"(Starts a read and returns at once.

Args:
    attachment: As of `read`.
    region: As of `read`.

Returns:
    A `HostFuture`: `result()` waits, `await` does not block.

Example:
    >>> from vulkan_forge import graphics
    >>> target = graphics.Target(2, 1, format="r32f")
    >>> target.clear(0.5)
    >>> future = target.read_async()
    >>> future.result()
    array([[0.5, 0.5]], dtype=float32)
)");
  cls.def(
      "read_depth",
      [](const PyTarget& self) { return py::array(read(self, py::str("depth"), py::none(), py::none())); },
      "The same as `read(\"depth\")`.");
  cls.def("texture", &texture, "attachment"_a = 0, py::kw_only(), "filter"_a = "nearest", "wrap"_a = "clamp",
          "normalized"_a = true, R"(An attachment as a `Texture`, without a copy: later draws show in it.

Args:
    attachment: A number or name, or "depth": a texture of one float, 0 near to 1 far (of a target without stencil; with
        several samples the first one's).
    filter: "nearest" or "linear".
    wrap: Beyond the edge: "clamp", "repeat" or "mirror".
    normalized: False: coordinates count texels.

Raises:
    UnsupportedError: The device does not sample, or not filter, this format.

Example:
    >>> from vulkan_forge import graphics
    >>> target = graphics.Target(4, 4, format="rgba16f")
    >>> target.clear((0, 0.5, 1, 1))
    >>> target.texture(filter="linear").read()[0, 0].tolist()
    [0.0, 0.5, 1.0, 1.0]
)");
}

}  // namespace forge::bind
