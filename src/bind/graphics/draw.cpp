// Target.draw: arguments from Python, drawn now or captured.
#include "bind/graphics/draw.hpp"

#include "bind/array/put_off.hpp"
#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/shader/arguments.hpp"
#include "bind/shader/graph.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using graphics::DrawPipeline;
using graphics::Target;
using graphics::VertexData;

std::optional<uint64_t> to_count(py::handle value, const char* what) {
  if (value.is_none()) return std::nullopt;
  const int64_t number = to_integer(value, what);
  if (number < 0) throw Error(ErrorCode::INVALID_ARGUMENT, what, "0 or more", std::to_string(number));
  return static_cast<uint64_t>(number);
}

// The shader's arguments, those in `arguments` among them: names of options cannot be keywords.
py::dict shader_arguments(const py::object& arguments, const py::kwargs& values) {
  py::dict all;
  if (!arguments.is_none()) {
    if (!py::isinstance<py::dict>(arguments))
      throw Error(ErrorCode::BAD_TYPE, "arguments", "a dict of values by name", Py_TYPE(arguments.ptr())->tp_name);
    for (const auto& [key, value] : arguments.cast<py::dict>()) all[key] = value;
  }
  for (const auto& [key, value] : values) {
    if (all.contains(key))
      throw Error(ErrorCode::ARGUMENT_NAMES, "a name is given twice", "each name once",
                  py::str(key).cast<std::string>());
    all[key] = value;
  }
  return all;
}

shader::ArrayArgument as_argument(const VertexData& data) {
  Dims shape{static_cast<int64_t>(data.count), static_cast<int64_t>(data.components)};
  return {data.buffer, data.dtype, shape, true};
}

// Another array for a captured stream: rows without gaps.
void replace(VertexData& data, const shader::ArrayArgument& by) {
  const auto& was = data.buffer;
  if (by.buffer.buffer == was.buffer && by.buffer.offset == was.offset && by.buffer.size == was.size) return;
  if (!by.dtype || by.shape.empty())
    throw Error(ErrorCode::BAD_TYPE, "vertex input " + data.name, "an Array with a row for each vertex",
                by.dtype ? "a single value" : "a Buffer", "give buffer.array(dtype)");
  data.count = static_cast<uint64_t>(by.shape[0]);
  data.components = static_cast<uint32_t>(element_count(by.shape) / std::max<int64_t>(by.shape[0], 1));
  data.dtype = *by.dtype;
  data.buffer = by.buffer;
  data.offset = 0;
  data.stride = data.components * static_cast<uint32_t>(size_of(data.dtype));
}

// A draw with the values of one run: streams, indices and counts stand before the shader's arguments.
DrawPipeline::Inputs with_values(DrawPipeline::Inputs inputs, std::span<const shader::NamedArgument> values) {
  size_t next = 0;
  const auto memory = [&]() -> const shader::ArrayArgument& {
    return std::get<shader::ArrayArgument>(values[next++].value);
  };
  for (VertexData& data : inputs.vertices) replace(data, memory());
  if (inputs.indices) {
    const shader::ArrayArgument& given = memory();
    if (given.dtype != DType::uint16 && given.dtype != DType::uint32)
      throw Error(ErrorCode::BAD_DTYPE, "indices", "uint32 or uint16",
                  given.dtype ? std::string(name_of(*given.dtype)) : "a Buffer");
    inputs.indices = {given.buffer, *given.dtype, static_cast<uint64_t>(element_count(given.shape))};
  }
  if (inputs.indirect) {
    const shader::ArrayArgument& given = memory();
    const uint64_t bytes = uint64_t{inputs.indirect->columns} * inputs.indirect->rows * 4;
    if (given.dtype != DType::uint32 || given.buffer.size != bytes)
      throw Error(ErrorCode::BAD_SHAPE, "indirect", "as many uint32 counts as were captured",
                  std::to_string(given.buffer.size) + " bytes");
    inputs.indirect->buffer = given.buffer;
  }
  inputs.values.assign(values.begin() + static_cast<ptrdiff_t>(next), values.end());
  return inputs;
}

void capture_draw(shader::GraphRecording& open, const std::shared_ptr<Target>& target,
                  const std::shared_ptr<DrawPipeline>& pipeline, DrawPipeline::Inputs inputs, py::dict given,
                  const std::optional<graphics::Clear>& clear) {
  shader::GraphCall call;
  call.name = pipeline->name();
  call.callee = pipeline;
  call.draws = true;
  for (const VertexData& data : inputs.vertices) call.arguments.push_back({data.name, as_argument(data)});
  if (inputs.indices)
    call.arguments.push_back(
        {"indices", shader::ArrayArgument{inputs.indices->buffer, inputs.indices->dtype,
                                          Dims{static_cast<int64_t>(inputs.indices->count)}, true}});
  if (inputs.indirect) {
    const Dims shape{static_cast<int64_t>(inputs.indirect->rows), inputs.indirect->columns};
    call.arguments.push_back({"indirect", shader::ArrayArgument{inputs.indirect->buffer, DType::uint32, shape, true}});
  }
  call.params.resize(call.arguments.size());
  py::dict plain;
  for (const auto& [key, value] : given) {
    auto one = py::reinterpret_borrow<py::object>(value);
    call.params.push_back(take_param(one));
    plain[key] = one;
  }
  refuse_ndarrays(*pipeline, plain, "a graph");
  const CallArguments ready(*pipeline, plain);
  call.arguments.insert(call.arguments.end(), ready.named().begin(), ready.named().end());
  call.record = [target, pipeline, inputs = std::move(inputs), clear](vk::Commands& commands,
                                                                      std::span<const shader::NamedArgument> values) {
    target->draw(commands, {pipeline->call(*target, with_values(inputs, values))}, clear);
    return std::shared_ptr<shader::Watch>();
  };
  compute_readers(*pipeline, call.arguments);
  const GilRelease nogil;
  open.call(target->device(), std::move(call));
}

VkClearColorValue color_of(const Target& target, size_t attachment, py::handle value) {
  const vk::TexelRow& texel = *vk::find_texel(target.options().colors[attachment]);
  const std::string where = "clear of attachment " + std::to_string(attachment);
  VkClearColorValue color{};
  const bool sequence =
      PySequence_Check(value.ptr()) && !PyUnicode_Check(value.ptr()) && PySequence_Size(value.ptr()) >= 0;
  PyErr_Clear();
  const size_t given = sequence ? static_cast<size_t>(PySequence_Size(value.ptr())) : 1;
  if (sequence && given != 4 && given != texel.channels)
    throw Error(ErrorCode::BAD_TYPE, where, "four numbers (r, g, b, a), or one for each channel",
                std::to_string(given) + " numbers");
  for (size_t i = 0; i < 4; ++i) {
    if (sequence && i >= given) break;
    const py::object one =
        sequence ? py::reinterpret_steal<py::object>(PySequence_GetItem(value.ptr(), static_cast<Py_ssize_t>(i)))
                 : py::reinterpret_borrow<py::object>(value);
    const shader::Scalar scalar = texel.kind == vk::TexelKind::unsigned_integer ? shader::Scalar::u32
                                  : texel.kind == vk::TexelKind::signed_integer ? shader::Scalar::i32
                                                                                : shader::Scalar::f32;
    shader::pack_number(to_number(one, where), scalar, reinterpret_cast<std::byte*>(&color.uint32[i]), where);
  }
  return color;
}

std::string attachment_names(const Target& target) {
  std::string names;
  for (size_t i = 0; i < target.options().colors.size(); ++i)
    names += (i ? ", " : "") +
             (i < target.options().names.size() ? "\"" + target.options().names[i] + "\"" : std::to_string(i));
  if (target.has_depth()) names += (names.empty() ? "" : ", ") + std::string("\"depth\"");
  if (target.has_stencil()) names += ", \"stencil\"";
  return names;
}

}  // namespace

graphics::Plane to_plane(const Target& target, py::handle value) {
  using Kind = graphics::Plane::Kind;
  if (!py::isinstance<py::str>(value)) {
    const int64_t index = to_integer(value, "attachment must be a number or a name");
    const auto count = static_cast<int64_t>(target.options().colors.size());
    if (index >= 0 && index < count) return {Kind::color, static_cast<uint32_t>(index)};
    throw Error(ErrorCode::OUT_OF_RANGE, "no such attachment", attachment_names(target), std::to_string(index));
  }
  const auto name = value.cast<std::string>();
  const auto& names = target.options().names;
  for (uint32_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return {Kind::color, i};
  if (name == "depth") return {Kind::depth};
  if (name == "stencil") return {Kind::stencil};
  throw Error(ErrorCode::ARGUMENT_NAMES, "no such attachment", attachment_names(target), "\"" + name + "\"");
}

std::optional<graphics::Clear> to_clear(const Target& target, py::handle value) {
  if (value.is_none()) return std::nullopt;
  graphics::Clear clear;
  clear.colors.resize(target.options().colors.size());
  if (!py::isinstance<py::dict>(value)) {
    for (size_t i = 0; i < clear.colors.size(); ++i) clear.colors[i] = color_of(target, i, value);
    return clear;
  }
  for (const auto& [key, one] : py::reinterpret_borrow<py::dict>(value)) {
    const graphics::Plane plane = to_plane(target, key);
    if (plane.kind == graphics::Plane::Kind::color) {
      clear.colors[plane.index] = color_of(target, plane.index, one);
      continue;
    }
    if (plane.kind == graphics::Plane::Kind::depth ? !target.has_depth() : !target.has_stencil())
      throw Error(ErrorCode::ARGUMENT_NAMES, "no such attachment", attachment_names(target),
                  "\"" + py::cast<std::string>(key) + "\"");
    const shader::Number number = to_number(one, "clear");
    if (plane.kind == graphics::Plane::Kind::stencil) {
      shader::pack_number(number, shader::Scalar::u32, reinterpret_cast<std::byte*>(&clear.stencil),
                          "clear of stencil");
      if (clear.stencil > 255)
        throw Error(ErrorCode::INVALID_ARGUMENT, "clear of stencil", "0 to 255", std::to_string(clear.stencil));
      continue;
    }
    shader::pack_number(number, shader::Scalar::f32, reinterpret_cast<std::byte*>(&clear.depth), "clear of depth");
    if (!(clear.depth >= 0 && clear.depth <= 1))
      throw Error(ErrorCode::INVALID_ARGUMENT, "clear of depth", "0 to 1", std::to_string(clear.depth));
  }
  return clear;
}

void draw(const PyTarget& self, const PyPipeline& drawn, py::object vertices, py::object per_instance,
          py::object indices, py::object indirect, py::object clear, py::object instances, py::object count,
          py::object arguments, const py::kwargs& values) {
  const auto target = self.live("Target");
  const auto pipeline = drawn.share();
  const auto& device = target->device();
  DrawPipeline::Inputs inputs;
  inputs.count = to_count(count, "count");
  inputs.instances = to_count(instances, "instances");
  const auto cleared = to_clear(*target, clear);
  add_vertices(device, vertices, false, inputs.vertices);
  const auto known = inputs.vertices.empty() ? inputs.count : std::optional(inputs.vertices.front().count);
  add_vertices(device, per_instance, true, inputs.vertices);
  if (!indices.is_none()) inputs.indices = to_indices(device, indices, known, pipeline->state().primitive_restart);
  if (!indirect.is_none()) inputs.indirect = to_indirect(indirect);
  const py::dict given = shader_arguments(arguments, values);
  if (shader::GraphRecording* open = recording())
    return capture_draw(*open, target, pipeline, std::move(inputs), given, cleared);
  const CallArguments ready(*pipeline, given);
  inputs.values.assign(ready.named().begin(), ready.named().end());
  const GilRelease nogil;
  ready.send();
  vk::Commands commands(device);
  commands.because(vk::Why::called);
  target->draw(commands, {pipeline->call(*target, inputs)}, cleared);
  device->wait(commands.submit());
  ready.fetch();
}

}  // namespace forge::bind
