#include "forge/graphics/draw_pipeline.hpp"

#include <algorithm>

#include "forge/graphics/vertex_format.hpp"
#include "forge/shader/specialize.hpp"
#include "forge/shader/stages.hpp"

namespace forge::graphics {

namespace {

using shader::InterfaceVariable;
using shader::Scalar;

std::string key_of(const Target& target, const vk::DrawState& state) {
  std::string key = target.key();
  for (const vk::VertexAttribute& attribute : state.attributes)
    key += " " + std::to_string(attribute.location) + ":" + std::to_string(attribute.format) + "+" +
           std::to_string(attribute.offset) + "@" + std::to_string(attribute.stream);
  for (const vk::VertexStream& stream : state.streams)
    key += (stream.per_instance ? " i" : " v") + std::to_string(stream.stride);
  return key;
}

vk::TexelKind kind_of(Scalar scalar) {
  if (scalar == Scalar::i32) return vk::TexelKind::signed_integer;
  return scalar == Scalar::u32 ? vk::TexelKind::unsigned_integer : vk::TexelKind::floating;
}

bool fits(Scalar scalar, const vk::TexelRow& texel) {
  const vk::TexelKind written = kind_of(scalar);
  return written == texel.kind || (written == vk::TexelKind::floating && texel.kind == vk::TexelKind::normalized);
}

std::string attachment_name(const Target& target, size_t i) {
  const auto& names = target.options().names;
  return i < names.size() ? "\"" + names[i] + "\"" : std::to_string(i);
}

uint32_t counted(uint64_t count, const char* what) {
  if (count > UINT32_MAX)
    throw Error(ErrorCode::LIMIT_EXCEEDED, std::string("too many ") + what + " in one draw", "fewer than 2**32",
                std::to_string(count));
  return static_cast<uint32_t>(count);
}

void agree_rows(std::optional<uint64_t>& known, uint64_t count, const std::string& where, const char* what) {
  if (known && *known != count)
    throw Error(ErrorCode::BAD_SHAPE, where, std::to_string(*known) + " " + what + ", as the others have",
                std::to_string(count));
  known = count;
}

// A constant may be one stage's alone; a name that neither has is a mistake.
void check_spec(std::initializer_list<const shader::Words*> stages, const DrawPipeline::Spec& spec) {
  if (spec.empty()) return;
  std::vector<shader::SpecConstant> known;
  for (const shader::Words* words : stages)
    for (const shader::SpecConstant& one : shader::reflect(*words).spec_constants)
      if (std::none_of(known.begin(), known.end(), [&](const auto& other) { return other.name == one.name; }))
        known.push_back(one);
  for (const auto& [name, number] : spec) shader::find_spec(known, name);
}

}  // namespace

DrawPipeline::DrawPipeline(std::shared_ptr<vk::Device> device, shader::Words vertex, shader::Words fragment,
                           vk::DrawState state, std::string name, const Spec& spec)
    : Callable(std::move(device), "pipeline"), state_(std::move(state)) {
  check_spec({&vertex, &fragment}, spec);
  std::vector<shader::Program::Source> sources;
  for (shader::Words* words : {&vertex, &fragment}) {
    if (!spec.empty()) *words = shader::specialized(std::move(*words), spec);
    shader::Reflection reflection = shader::reflect(*words);
    sources.push_back({std::move(*words), std::move(reflection)});
  }
  if (sources[0].reflection.stage != shader::Stage::vertex || sources[1].reflection.stage != shader::Stage::fragment)
    throw Error(ErrorCode::SHADER_INVALID, "the stages of " + name, "a vertex and a fragment shader",
                std::string(name_of(sources[0].reflection.stage)) + " and " +
                    std::string(name_of(sources[1].reflection.stage)));
  if (state_.wireframe) device_->require("fillModeNonSolid", "a wireframe");
  shader::Stages merged = shader::merge_stages(sources, name);
  program_ = std::make_shared<shader::Program>(*device_, std::move(sources), std::move(name));
  interface_ = std::make_shared<const shader::Reflection>(std::move(merged.reflection));
  for (size_t i = 0; i < merged.bindings.size(); ++i) add_binding(i, merged.bindings[i]);
  for (size_t i = 0; i < merged.push_members.size(); ++i) add_push_member(i, merged.push_members[i]);
  for (const Parameter& parameter : parameters_) check_writes(parameter);
  for (const InterfaceVariable& input : inputs())
    if (find(input.name))
      throw Error(ErrorCode::SHADER_INVALID, this->name() + " has a vertex input and an argument of one name",
                  "a name each", input.name, "rename one of them");
}

void DrawPipeline::check_writes(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::value) return;
  const bool writes = (static_cast<int>(access(parameter)) & static_cast<int>(shader::Access::write)) != 0;
  const std::string what = parameter.name + " of " + name() + ", which it may write (declare it readonly where not)";
  if (writes && (parameter.stages & VK_SHADER_STAGE_VERTEX_BIT))
    device_->require("vertexPipelineStoresAndAtomics", what);
  if (writes && (parameter.stages & VK_SHADER_STAGE_FRAGMENT_BIT)) device_->require("fragmentStoresAndAtomics", what);
}

void DrawPipeline::match_outputs(const Target& target, vk::DrawState& state) const {
  const std::vector<VkFormat>& formats = target.options().colors;
  for (const InterfaceVariable& output : outputs()) {
    const std::string where = "output " + output.name + " of " + name();
    if (output.location >= formats.size())
      throw Error(ErrorCode::INVALID_ARGUMENT, where + " has no attachment in the target",
                  formats.empty() ? "no outputs" : "locations 0 to " + std::to_string(formats.size() - 1),
                  "location " + std::to_string(output.location), "give the Target a format for each output");
    const auto& names = target.options().names;
    if (!names.empty() && names[output.location] != output.name)
      throw Error(ErrorCode::ARGUMENT_NAMES, where + " would be drawn into another attachment",
                  "location " + std::to_string(output.location) + " called " + names[output.location], output.name,
                  "order the Target's formats as the shader's outputs");
    const vk::TexelRow& texel = *vk::find_texel(formats[output.location]);
    if (!fits(output.type.scalar, texel))
      throw Error(ErrorCode::BAD_DTYPE, where + " does not fit attachment " + attachment_name(target, output.location),
                  "numbers as " + std::string(texel.name) + " holds them", to_string(output.type),
                  "declare the output " +
                      std::string(texel.kind == vk::TexelKind::unsigned_integer ? "uint or uvec"
                                  : texel.kind == vk::TexelKind::signed_integer ? "int or ivec"
                                                                                : "float or vec") +
                      ", or choose another format");
  }
  // What no output is for stays as it is; without a mask it would be undefined.
  if (state.blends.size() != 1 && state.blends.size() != formats.size())
    throw Error(ErrorCode::INVALID_ARGUMENT, "the blending of " + name(),
                "one for all attachments, or " + std::to_string(formats.size()), std::to_string(state.blends.size()));
  if (state.blends.size() == 1) state.blends.assign(std::max<size_t>(formats.size(), 1), state.blends.front());
  vk::Blend masked;
  masked.mask = 0;
  for (uint32_t i = 0; i < formats.size(); ++i)
    if (std::none_of(outputs().begin(), outputs().end(), [&](const auto& o) { return o.location == i; }))
      state.blends[i] = masked;
}

void DrawPipeline::describe(const Target& target, vk::DrawState& state) const {
  if (target.device() != device_)
    throw Error(ErrorCode::INVALID_ARGUMENT, name() + " cannot draw into this target", "one device for both",
                device_->info().name + " and " + target.device()->info().name);
  target.describe(state);
  if (!target.has_depth() && (state.depth_test || state.depth_write))
    throw Error(ErrorCode::WRONG_STATE, name() + " tests depth", "a target with depth=True", "one without",
                "or a pipeline whose DrawState says depth_test=False");
  if (!target.has_stencil() && state.stencil_test)
    throw Error(ErrorCode::WRONG_STATE, name() + " tests a stencil", "a target with stencil=True", "one without");
  match_outputs(target, state);
}

std::string DrawPipeline::input_names() const {
  std::string names;
  for (const auto& input : inputs()) names += (names.empty() ? "" : ", ") + input.name + ": " + to_string(input.type);
  return names.empty() ? "no vertex inputs" : names;
}

void DrawPipeline::check_device(const vk::BufferRef& memory, const std::string& what) const {
  if (&memory.buffer->device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, "memory of another device in " + what,
                "an array on the pipeline's device (" + device_->info().name + ")",
                "one on " + memory.buffer->device().info().name, "make both on the same vf.Device");
}

// Fields of one array are one stream with several attributes.
void DrawPipeline::add_stream(const VertexData& data, const InterfaceVariable& input, vk::DrawState& state,
                              vk::DrawCall& call) const {
  const std::string where = "vertex input " + data.name + " of " + name();
  check_device(data.buffer, where);
  const VkFormat format = vertex_format(*device_, input.type, data.dtype, data.components, where);
  if (const size_t size = size_of(data.dtype); data.offset % size != 0 || data.stride % size != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, where + " is not aligned",
                "a multiple of " + std::to_string(size) + " bytes from the start of a vertex, and from one to the next",
                "offset " + std::to_string(data.offset) + ", " + std::to_string(data.stride) + " bytes a vertex",
                "make the dtype with align=True");
  uint32_t stream = 0;
  for (; stream < call.vertex_streams.size(); ++stream) {
    const vk::BufferRef& known = call.vertex_streams[stream];
    if (known.buffer == data.buffer.buffer && known.offset == data.buffer.offset && known.size == data.buffer.size &&
        state.streams[stream].stride == data.stride && state.streams[stream].per_instance == data.per_instance)
      break;
  }
  if (stream == call.vertex_streams.size()) {
    state.streams.push_back({data.stride, data.per_instance});
    call.vertex_streams.push_back(data.buffer);
  }
  const auto column = static_cast<uint32_t>(input.type.rows * size_of(data.dtype));
  for (uint32_t i = 0; i < input.type.columns; ++i)
    state.attributes.push_back({input.location + i, stream, data.offset + i * column, format});
}

void DrawPipeline::add_streams(const Inputs& given, vk::DrawState& state, vk::DrawCall& call, Counts& counts) const {
  for (const VertexData& data : given.vertices) {
    const auto input =
        std::find_if(inputs().begin(), inputs().end(), [&](const auto& i) { return i.name == data.name; });
    if (input == inputs().end())
      throw Error(ErrorCode::ARGUMENT_NAMES, "unknown vertex input of " + name(), input_names(), data.name);
    const std::string where = "vertex input " + data.name + " of " + name();
    if (std::count_if(given.vertices.begin(), given.vertices.end(),
                      [&](const auto& other) { return other.name == data.name; }) > 1)
      throw Error(ErrorCode::ARGUMENT_NAMES, where + " is given twice", "per vertex or per instance", "both");
    agree_rows(data.per_instance ? counts.instances : counts.vertices, data.count, where,
               data.per_instance ? "instances" : "vertices");
    add_stream(data, *input, state, call);
  }
  for (const auto& input : inputs())
    if (std::none_of(given.vertices.begin(), given.vertices.end(), [&](const auto& d) { return d.name == input.name; }))
      throw Error(ErrorCode::ARGUMENT_NAMES, "missing vertex input of " + name(), input_names(), "no " + input.name);
}

void DrawPipeline::add_indirect(const Inputs& given, vk::DrawCall& call) const {
  const IndirectData& rows = *given.indirect;
  check_device(rows.buffer, "the indirect counts of " + name());
  const uint32_t wanted = given.indices ? 5 : 4;
  if (rows.columns != wanted)
    throw Error(ErrorCode::BAD_SHAPE, "the indirect counts of " + name(),
                wanted == 5 ? "(5,) or (N, 5): indices, instances, first index, vertex offset, first instance"
                            : "(4,) or (N, 4): vertices, instances, first vertex, first instance",
                std::to_string(rows.columns) + " columns");
  if (given.count || given.instances)
    throw Error(ErrorCode::INVALID_ARGUMENT, "the counts for " + name(), "indirect alone, which has both",
                "count or instances too", "leave them out");
  if (const uint64_t at = rows.buffer.buffer->origin() + rows.buffer.offset; at % 4 != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS,
                "the indirect counts of " + name() + " do not start where the device needs it",
                "a start at a multiple of 4 bytes", std::to_string(at % 4) + " beyond one", "give a copy (vf.asarray)");
  call.indirect = rows.buffer;
  call.indirect_count = counted(rows.rows, "rows");
}

void DrawPipeline::add_counts(const Inputs& given, const Counts& counts, vk::DrawCall& call) const {
  const auto agree = [&](std::optional<uint64_t> wanted, std::optional<uint64_t> known, const char* what) {
    if (wanted && known && *wanted != *known)
      throw Error(ErrorCode::INVALID_ARGUMENT, std::string("the ") + what + " for " + name(),
                  std::to_string(*known) + ", as the arrays have", std::to_string(*wanted),
                  "leave it out, or give fewer rows");
    return wanted ? wanted : known;
  };
  const auto vertices = agree(given.count, counts.vertices, "count");
  if (!vertices && !given.indices)
    throw Error(ErrorCode::INVALID_ARGUMENT, "the count for " + name() + " is missing",
                "count=, as the shader has no input per vertex", "none", "say how many vertices to draw");
  call.instances = counted(agree(given.instances, counts.instances, "instances").value_or(1), "instances");
  call.count = counted(given.indices ? given.indices->count : vertices.value_or(0), "vertices");
}

vk::DrawCall DrawPipeline::call(const Target& target, const Inputs& given) const {
  vk::DrawState state = state_;
  describe(target, state);
  check_names(given.values);
  vk::DrawCall call;
  Counts counts;
  add_streams(given, state, call, counts);
  if (given.indices) {
    check_device(given.indices->buffer, "the indices of " + name());
    const bool small = given.indices->dtype == DType::uint16;
    call.indices = given.indices->buffer;
    call.index_type = small ? VK_INDEX_TYPE_UINT16 : VK_INDEX_TYPE_UINT32;
  }
  given.indirect ? add_indirect(given, call) : add_counts(given, counts, call);
  shader::BoundArguments bound;
  bound.has_work = given.indirect || (call.count > 0 && call.instances > 0);
  const auto room = room_for(given.values);
  bind_arguments(given.values, room, bound);
  call.push = std::move(bound.push);
  call.descriptors = std::move(bound.descriptors);
  call.buffers = std::move(bound.buffers);
  call.images = std::move(bound.images);
  call.pipeline = program_->graphics(key_of(target, state), state, room);
  return call;
}

}  // namespace forge::graphics
