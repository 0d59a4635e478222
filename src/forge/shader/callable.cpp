#include "forge/shader/callable.hpp"

#include <algorithm>
#include <cstring>

namespace forge::shader {

namespace {

bool is_buffer(BindingKind kind) { return kind == BindingKind::storage_buffer || kind == BindingKind::uniform_buffer; }

// Texel buffers need views of formats, multisampled images and cubes come from drawing: arrays do what they would.
bool is_bindable(const Binding& binding) {
  if (is_buffer(binding.kind) || binding.kind == BindingKind::sampler) return true;
  const bool texels = binding.kind == BindingKind::texel_buffer || binding.kind == BindingKind::storage_texel_buffer;
  const bool flat_array = binding.image_arrayed && binding.image_dims != 2;
  return !texels && !binding.image_cube && !binding.image_multisampled && !flat_array;
}

std::string access_text(Access access) {
  if (access == Access::read) return "readonly ";
  return access == Access::write ? "writeonly " : "";
}

bool holds_pointer(const Type& type) {
  if (type.kind != Type::Kind::structure) return false;
  const auto& members = type.nested.front().members;
  return std::any_of(members.begin(), members.end(), [](const Member& member) {
    return member.type.kind == Type::Kind::pointer || holds_pointer(member.type);
  });
}

}  // namespace

std::vector<vk::Usage> usages_of(VkShaderStageFlags stages, Access access) {
  const bool writes = access != Access::read;
  std::vector<vk::Usage> usages;
  if (stages & VK_SHADER_STAGE_COMPUTE_BIT) usages.push_back(compute_usage(access));
  if (stages & VK_SHADER_STAGE_VERTEX_BIT)
    usages.push_back(writes ? vk::Usage::vertex_shader_write : vk::Usage::vertex_shader_read);
  if (stages & VK_SHADER_STAGE_FRAGMENT_BIT)
    usages.push_back(writes ? vk::Usage::fragment_shader_write : vk::Usage::fragment_shader_read);
  return usages;
}

std::vector<vk::Usage> sampled_usages(VkShaderStageFlags stages) {
  std::vector<vk::Usage> usages;
  if (stages & VK_SHADER_STAGE_COMPUTE_BIT) usages.push_back(vk::Usage::sampled_compute);
  if (stages & VK_SHADER_STAGE_VERTEX_BIT) usages.push_back(vk::Usage::sampled_vertex);
  if (stages & VK_SHADER_STAGE_FRAGMENT_BIT) usages.push_back(vk::Usage::sampled_fragment);
  return usages;
}

void Callable::add_binding(size_t index, VkShaderStageFlags stages) {
  const Binding& binding = reflection().bindings[index];
  const std::string refused =
      name() + " declares a resource that vf." + (word_ == "kernel" ? "Kernel" : "graphics.Pipeline") + " cannot bind";
  if (!is_bindable(binding))
    throw Error(ErrorCode::SHADER_INVALID, refused,
                "buffers, textures and images of 1 to 3 dimensions, 2-D arrays, samplers, push constants",
                shader::type_text(binding) + " " + binding.name, "use a storage buffer");
  if (binding.array_depth > 1)
    throw Error(ErrorCode::SHADER_INVALID, refused, "arrays of descriptors in one dimension",
                "arrays of arrays of " + shader::type_text(binding) + " " + binding.name,
                "declare one array, and compute the index");
  if (binding.measured)
    throw Error(
        ErrorCode::MISSING_FEATURE,
        name() + " asks for the length of an element of " + binding.name + " that each invocation chooses for itself",
        "a length that does not differ within a workgroup", "nonuniformEXT with length()",
        "give the lengths in a buffer: drivers answer with another element's, or end the process")
        .with("feature", "lengths of non-uniform elements");
  parameters_.push_back({Parameter::Kind::binding, binding.name, index, stages});
}

void Callable::add_push_member(size_t index, VkShaderStageFlags stages) {
  const Member& member = reflection().push->members[index];
  if ((member.type.kind == Type::Kind::pointer && !member.type.array.empty()) || holds_pointer(member.type))
    throw Error(ErrorCode::SHADER_INVALID, name() + " has a push constant that cannot be given by name",
                "numbers, structures and arrays of them, and buffer references",
                to_string(member.type) + " " + member.name,
                "make each buffer reference a member of the push constants");
  const bool pointer = member.type.kind == Type::Kind::pointer;
  parameters_.push_back({pointer ? Parameter::Kind::pointer : Parameter::Kind::value, member.name, index, stages});
}

const Callable::Parameter* Callable::find(const std::string& wanted) const {
  const auto found =
      std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.name == wanted; });
  return found == parameters_.end() ? nullptr : &*found;
}

bool Callable::is_image(const Parameter& parameter) const {
  return parameter.kind == Parameter::Kind::binding && !is_buffer(reflection().bindings[parameter.index].kind);
}

const Block& Callable::block_of(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::binding) return reflection().bindings[parameter.index].block;
  return reflection().push->members[parameter.index].type.nested.front();
}

Access Callable::access(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::value) return Access::none;
  if (parameter.kind == Parameter::Kind::pointer) return block_of(parameter).access;
  const Binding& binding = reflection().bindings[parameter.index];
  return binding.kind == BindingKind::uniform_buffer ? Access::read : binding.access;
}

uint64_t Callable::alignment(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::pointer) return block_of(parameter).alignment;
  const bool uniform = reflection().bindings[parameter.index].kind == BindingKind::uniform_buffer;
  return uniform ? device_->limits().uniform_offset_alignment : device_->limits().storage_offset_alignment;
}

std::string Callable::type_text(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::value) return to_string(reflection().push->members[parameter.index].type);
  if (is_image(parameter)) return shader::type_text(reflection().bindings[parameter.index]);
  const Block& block = block_of(parameter);
  return block.members.size() == 1 ? to_string(block.members.front().type) : block.name + " block";
}

std::string Callable::element_text(const Parameter& parameter) const {
  return (is_image(parameter) ? "" : access_text(access(parameter))) + type_text(parameter);
}

std::string Callable::where(const Parameter& parameter, Element element) const {
  return "argument " + parameter.name + (element ? "[" + std::to_string(*element) + "]" : "") + " of " + name();
}

std::string Callable::signature() const {
  std::string text;
  for (const Parameter& parameter : parameters_)
    text += (text.empty() ? "" : ", ") + parameter.name + ": " + expected_text(parameter);
  return text.empty() ? "no arguments" : text;
}

void Callable::check_names(std::span<const NamedArgument> arguments) const {
  std::string unknown, missing;
  for (const NamedArgument& argument : arguments)
    if (!find(argument.name)) unknown += (unknown.empty() ? "" : ", ") + argument.name;
  for (const Parameter& parameter : parameters_)
    if (std::none_of(arguments.begin(), arguments.end(),
                     [&](const NamedArgument& argument) { return argument.name == parameter.name; }))
      missing += (missing.empty() ? "" : ", ") + parameter.name;
  if (!unknown.empty())
    throw Error(ErrorCode::ARGUMENT_NAMES, "unknown argument of " + name(), signature(), unknown,
                "use the shader's own names");
  if (!missing.empty())
    throw Error(ErrorCode::ARGUMENT_NAMES, "missing argument of " + name(), signature(), "no " + missing);
}

void Callable::bind_arguments(std::span<const NamedArgument> arguments, std::span<const Program::Room> room,
                              BoundArguments& call) const {
  if (reflection().push) call.push.resize((size_t{reflection().push->size} + 3) / 4 * 4);
  for (const NamedArgument& argument : arguments) {
    const Parameter& parameter = *find(argument.name);
    if (const auto* list = std::get_if<ListArgument>(&argument.value))
      bind_list(parameter, *list, call);
    else if (is_list(parameter))
      throw Error(ErrorCode::BAD_TYPE, where(parameter), expected_text(parameter), "a single value", "give a list");
    else if (const auto* array = std::get_if<ArrayArgument>(&argument.value))
      bind_array(parameter, {}, *array, call);
    else if (const auto* records = std::get_if<RecordsArgument>(&argument.value))
      bind_records(parameter, *records, call);
    else if (const auto* texture = std::get_if<TextureArgument>(&argument.value))
      bind_texture(parameter, {}, *texture, call);
    else
      bind_numbers(parameter, std::get<NumbersArgument>(argument.value), call);
  }
  fill_room(room, call);
}

void Callable::tell_addresses(std::span<const vk::BufferTouch> touches, Watch& watch) const {
  size_t number = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.kind != Parameter::Kind::pointer) continue;
    const uint32_t at = reflection().push->members[parameter.index].offset;
    for (const vk::BufferTouch& touch : touches)
      if (touch.address_at == at) watch.set_argument(number, touch.buffer.address(), touch.buffer.size);
    ++number;
  }
}

void Callable::bind_array(const Parameter& parameter, Element element, const ArrayArgument& argument,
                          BoundArguments& call) const {
  const std::string where = this->where(parameter, element);
  if (parameter.kind == Parameter::Kind::value)
    throw Error(ErrorCode::BAD_TYPE, where, element_text(parameter), "an array",
                "give a number or a sequence of numbers");
  if (is_image(parameter))
    throw Error(ErrorCode::BAD_TYPE, where, element_text(parameter), "an array", "put its texels into a vf.Texture");
  const Block& block = block_of(parameter);
  const Access used = access(parameter);
  if (&argument.buffer.buffer->device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, where,
                "an array on the " + std::string(word_) + "'s device (" + device_->info().name + ")",
                "one on " + argument.buffer.buffer->device().info().name, "make both on the same vf.Device");
  if (!argument.writable && (static_cast<int>(used) & static_cast<int>(Access::write)))
    throw Error(ErrorCode::READ_ONLY, where + " is written by the shader", "a writable array", "a read-only one",
                "declare the block readonly, or give a copy");
  check_layout(parameter, argument, where);
  const bool wants_element = block.runtime_stride != 0 && argument.buffer.size == 0 && call.has_work;
  const uint64_t least = block.size + (wants_element ? block.runtime_stride : 0);
  if (argument.buffer.size < least)
    throw Error(ErrorCode::TOO_SMALL, where + " is too small", "at least " + std::to_string(least) + " bytes",
                std::to_string(argument.buffer.size) + " bytes");
  const uint64_t at = parameter.kind == Parameter::Kind::pointer
                          ? argument.buffer.address()
                          : argument.buffer.buffer->origin() + argument.buffer.offset;
  if (const uint64_t step = alignment(parameter); at % step != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, where + " does not start where the device needs it",
                "a start at a multiple of " + std::to_string(step) + " bytes",
                std::to_string(at % step) + " beyond one", "give a copy (vf.asarray)");
  if (parameter.kind == Parameter::Kind::binding) return bind_range(parameter, element, argument, call);
  const uint64_t address = argument.buffer.address();
  const uint32_t offset = reflection().push->members[parameter.index].offset;
  std::memcpy(call.push.data() + offset, &address, sizeof address);
  for (const vk::Usage usage : usages_of(parameter.stages, used))
    call.buffers.push_back({argument.buffer, usage, offset});
}

void Callable::bind_range(const Parameter& parameter, Element element, const ArrayArgument& argument,
                          BoundArguments& call) const {
  for (const vk::Usage usage : usages_of(parameter.stages, access(parameter)))
    call.buffers.push_back({argument.buffer, usage});
  const Binding& binding = reflection().bindings[parameter.index];
  const uint64_t most = binding.kind == BindingKind::uniform_buffer ? device_->limits().max_uniform_range
                                                                    : device_->limits().max_storage_range;
  if (argument.buffer.size > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED,
                where(parameter, element) + " is larger than a descriptor may reach on this device",
                "at most " + std::to_string(most) + " bytes", std::to_string(argument.buffer.size) + " bytes",
                "take it by address (layout(buffer_reference) in a push constant), or work in pieces")
        .with("limit", std::to_string(most));
  call.descriptors.push_back({.set = binding.set,
                              .binding = binding.binding,
                              .element = element.value_or(0),
                              .type = descriptor_type(binding.kind),
                              .resource = argument.buffer});
}

void Callable::check_layout(const Parameter& parameter, const ArrayArgument& argument, const std::string& where) const {
  const Block& block = block_of(parameter);
  if (argument.record)
    check_records(block, {*argument.record, argument.shape}, where,
                  std::string(word_) + ".dtype(\"" + parameter.name + "\")");
  else if (argument.dtype)
    check_elements(block, *argument.dtype, argument.shape, where);
}

void Callable::bind_records(const Parameter& parameter, const RecordsArgument& argument, BoundArguments& call) const {
  const std::string where = this->where(parameter);
  const Member& member = reflection().push->members[parameter.index];
  if (parameter.kind != Parameter::Kind::value || member.type.kind != Type::Kind::structure)
    throw Error(ErrorCode::BAD_DTYPE, where, expected_text(parameter), "structures", "give numbers");
  check_records(member, argument.records, where, std::string(word_) + ".dtype(\"" + parameter.name + "\")");
  std::memcpy(call.push.data() + member.offset, argument.bytes.data(),
              std::min<size_t>(argument.bytes.size(), member.size));
}

HostType Callable::host_type(const Parameter& parameter) const {
  if (is_image(parameter))
    throw Error(ErrorCode::BAD_TYPE, where(parameter) + " has no dtype", "a buffer", expected_text(parameter),
                "a vf.Texture has one");
  if (parameter.kind == Parameter::Kind::value)
    return shader::host_type(reflection().push->members[parameter.index].type);
  return host_element(block_of(parameter));
}

void Callable::bind_numbers(const Parameter& parameter, const NumbersArgument& argument, BoundArguments& call) const {
  const std::string where = this->where(parameter);
  if (parameter.kind != Parameter::Kind::value)
    throw Error(ErrorCode::BAD_TYPE, where,
                expected_text(parameter) + (is_image(parameter) ? " as a vf.Texture" : " as a NumPy array or vf.Array"),
                argument.is_sequence() ? "a sequence of numbers" : "a number");
  const Member& member = reflection().push->members[parameter.index];
  if (member.type.kind == Type::Kind::structure)
    throw Error(ErrorCode::BAD_TYPE, where, to_string(member.type) + " as a structured NumPy array",
                argument.is_sequence() ? "a sequence of numbers" : "a number",
                "fill np.zeros((), " + numpy_text(host_type(parameter)) + ")");
  pack_numbers(member, argument, call.push.data(), where);
}

bool Callable::repack(const NamedArgument& argument, std::span<std::byte> push) const {
  const Parameter* parameter = find(argument.name);
  const auto* numbers = std::get_if<NumbersArgument>(&argument.value);
  if (!parameter || !numbers || parameter->kind != Parameter::Kind::value) return false;
  const Member& member = reflection().push->members[parameter->index];
  if (member.type.kind == Type::Kind::structure) return false;
  pack_numbers(member, *numbers, push.data(), where(*parameter));
  return true;
}

}  // namespace forge::shader
