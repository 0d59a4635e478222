#include "forge/graphics/draw_pipeline.hpp"

#include <algorithm>

namespace forge::graphics {

namespace {

using shader::Scalar;

struct FormatRow {
  DType dtype;
  Scalar scalar;
  VkFormat formats[4];  // by number of components
};
constexpr FormatRow kFormats[] = {
    {DType::float32,
     Scalar::f32,
     {VK_FORMAT_R32_SFLOAT, VK_FORMAT_R32G32_SFLOAT, VK_FORMAT_R32G32B32_SFLOAT, VK_FORMAT_R32G32B32A32_SFLOAT}},
    {DType::int32,
     Scalar::i32,
     {VK_FORMAT_R32_SINT, VK_FORMAT_R32G32_SINT, VK_FORMAT_R32G32B32_SINT, VK_FORMAT_R32G32B32A32_SINT}},
    {DType::uint32,
     Scalar::u32,
     {VK_FORMAT_R32_UINT, VK_FORMAT_R32G32_UINT, VK_FORMAT_R32G32B32_UINT, VK_FORMAT_R32G32B32A32_UINT}},
    // Bytes for a float input are shares of one: colours as they lie in pictures.
    {DType::uint8,
     Scalar::f32,
     {VK_FORMAT_R8_UNORM, VK_FORMAT_R8G8_UNORM, VK_FORMAT_R8G8B8_UNORM, VK_FORMAT_R8G8B8A8_UNORM}},
    {DType::uint16,
     Scalar::f32,
     {VK_FORMAT_R16_UNORM, VK_FORMAT_R16G16_UNORM, VK_FORMAT_R16G16B16_UNORM, VK_FORMAT_R16G16B16A16_UNORM}},
    {DType::float16,
     Scalar::f32,
     {VK_FORMAT_R16_SFLOAT, VK_FORMAT_R16G16_SFLOAT, VK_FORMAT_R16G16B16_SFLOAT, VK_FORMAT_R16G16B16A16_SFLOAT}},
};

VkFormat format_for(const vk::Device& device, const shader::InterfaceVariable& input, const VertexData& data,
                    const std::string& where) {
  for (const FormatRow& row : kFormats) {
    if (row.dtype != data.dtype || row.scalar != input.type.scalar || data.components != input.type.rows) continue;
    const VkFormat format = row.formats[data.components - 1];
    if (vk::vertex_format_supported(device, format)) return format;
    throw Error(ErrorCode::MISSING_FEATURE, where + ": the device cannot read this vertex format", {},
                std::string(name_of(data.dtype)) + " x " + std::to_string(data.components),
                "use float32, or 4 components");
  }
  throw Error(ErrorCode::BAD_DTYPE, where + " does not fit the shader", to_string(input.type),
              std::string(name_of(data.dtype)) + " (N, " + std::to_string(data.components) + ")",
              "float inputs take float32, float16, or uint8/uint16 as shares of one; integers their own type");
}

std::string input_names(const shader::Reflection& stage) {
  std::string names;
  for (const auto& input : stage.inputs)
    names += (names.empty() ? "" : ", ") + input.name + ": " + to_string(input.type);
  return names.empty() ? "no vertex inputs" : names;
}

}  // namespace

DrawPipeline::DrawPipeline(std::shared_ptr<vk::Device> device, shader::Words vertex, shader::Words fragment,
                           vk::DrawState state, std::string name)
    : device_(std::move(device)), state_(std::move(state)) {
  std::vector<shader::Program::Source> sources;
  for (shader::Words* words : {&vertex, &fragment}) {
    shader::Reflection reflection = shader::reflect(*words);
    sources.push_back({std::move(*words), std::move(reflection)});
  }
  if (sources[0].reflection.stage != shader::Stage::vertex || sources[1].reflection.stage != shader::Stage::fragment)
    throw Error(ErrorCode::SHADER_INVALID, "the stages of " + name, "a vertex and a fragment shader",
                std::string(name_of(sources[0].reflection.stage)) + " and " +
                    std::string(name_of(sources[1].reflection.stage)));
  if (state_.wireframe) device_->require("fillModeNonSolid", "a wireframe");
  program_ = std::make_unique<shader::Program>(*device_, std::move(sources), std::move(name));
  check_resources();
}

void DrawPipeline::check_resources() const {
  for (const auto& stage : program_->stages())
    if (!stage.reflection.bindings.empty())
      throw Error(ErrorCode::SHADER_INVALID, name() + " declares a resource that a Pipeline cannot bind",
                  "vertex inputs and push constants", "\"" + stage.reflection.bindings.front().name + "\"",
                  "textures and buffers are not bound by pipelines in this version");
}

const shader::Member* DrawPipeline::push_member(const std::string& wanted) const {
  for (const auto& stage : program_->stages())
    if (stage.reflection.push)
      for (const shader::Member& member : stage.reflection.push->members)
        if (member.name == wanted) return &member;
  return nullptr;
}

void DrawPipeline::add_streams(const Inputs& inputs, vk::DrawState& state, vk::DrawCall& call, uint64_t& count) const {
  const auto& wanted = vertex_stage().inputs;
  for (const VertexData& data : inputs.vertices) {
    const std::string where = "vertex input " + data.name + " of " + name();
    const auto input = std::find_if(wanted.begin(), wanted.end(), [&](const auto& i) { return i.name == data.name; });
    if (input == wanted.end())
      throw Error(ErrorCode::ARGUMENT_NAMES, "unknown vertex input of " + name(), input_names(vertex_stage()),
                  data.name);
    if (count != ~0ull && data.count != count)
      throw Error(ErrorCode::BAD_SHAPE, where, std::to_string(count) + " vertices, as the others have",
                  std::to_string(data.count));
    count = data.count;
    const auto stream = static_cast<uint32_t>(call.vertex_streams.size());
    state.attributes.push_back({input->location, stream, data.offset, format_for(*device_, *input, data, where)});
    state.streams.push_back({data.stride, false});
    call.vertex_streams.push_back(data.buffer);
  }
  for (const auto& input : wanted)
    if (std::none_of(inputs.vertices.begin(), inputs.vertices.end(),
                     [&](const auto& d) { return d.name == input.name; }))
      throw Error(ErrorCode::ARGUMENT_NAMES, "missing vertex input of " + name(), input_names(vertex_stage()),
                  "no " + input.name);
}

void DrawPipeline::add_push(const Inputs& inputs, vk::DrawCall& call) const {
  std::string missing;
  for (const auto& stage : program_->stages()) {
    if (!stage.reflection.push) continue;
    call.push.resize(std::max<size_t>(call.push.size(), (size_t{stage.reflection.push->size} + 3) / 4 * 4));
    for (const shader::Member& member : stage.reflection.push->members)
      if (std::none_of(inputs.values.begin(), inputs.values.end(),
                       [&](const auto& v) { return v.name == member.name; }))
        missing += (missing.empty() ? "" : ", ") + member.name;
  }
  if (!missing.empty())
    throw Error(ErrorCode::ARGUMENT_NAMES, "missing push constant of " + name(), "a value each", "no " + missing);
  for (const shader::NamedArgument& value : inputs.values) {
    const shader::Member* member = push_member(value.name);
    if (!member) throw Error(ErrorCode::ARGUMENT_NAMES, "unknown argument of " + name(), "a push constant", value.name);
    const auto* numbers = std::get_if<shader::NumbersArgument>(&value.value);
    if (!numbers || member->type.kind == shader::Type::Kind::pointer ||
        member->type.kind == shader::Type::Kind::structure)
      throw Error(ErrorCode::BAD_TYPE, "push constant " + value.name + " of " + name(), "numbers", "something else");
    shader::pack_numbers(*member, *numbers, call.push.data(), "push constant " + value.name + " of " + name());
  }
}

vk::DrawCall DrawPipeline::call(const Target& target, const Inputs& inputs) {
  if (target.device() != device_)
    throw Error(ErrorCode::INVALID_ARGUMENT, name() + " cannot draw into this target", "one device for both",
                device_->info().name + " and " + target.device()->info().name);
  vk::DrawCall call;
  vk::DrawState state = state_;
  target.describe(state);
  if (target.options().depth == VK_FORMAT_UNDEFINED && (state.depth_test || state.depth_write))
    throw Error(ErrorCode::WRONG_STATE, name() + " tests depth", "a target with depth=True", "one without");
  uint64_t count = ~0ull;
  add_streams(inputs, state, call, count);
  add_push(inputs, call);
  if (count == ~0ull) count = inputs.count.value_or(0);
  if (inputs.count.value_or(count) != count)
    throw Error(ErrorCode::INVALID_ARGUMENT, "the count for " + name(),
                std::to_string(count) + ", as the vertices have", std::to_string(*inputs.count),
                "leave it out, or give fewer vertices");
  if (inputs.indices) {
    call.indices = inputs.indices->buffer;
    call.index_type = inputs.indices->dtype == DType::uint16 ? VK_INDEX_TYPE_UINT16 : VK_INDEX_TYPE_UINT32;
    count = inputs.indices->count;
  }
  if (count > UINT32_MAX)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many vertices in one draw", "fewer than 2**32", std::to_string(count));
  call.count = static_cast<uint32_t>(count);
  call.instances = inputs.instances;
  std::string key = std::to_string(target.options().color) + "/" + std::to_string(target.options().depth) + "/" +
                    std::to_string(target.options().samples);
  for (size_t i = 0; i < state.attributes.size(); ++i)
    key += " " + std::to_string(state.attributes[i].location) + ":" + std::to_string(state.attributes[i].format) + "+" +
           std::to_string(state.attributes[i].offset) + "x" + std::to_string(state.streams[i].stride);
  const vk::PipelineRef pipeline = program_->graphics(key, state);
  call.pipeline = pipeline;
  return call;
}

}  // namespace forge::graphics
