#include "forge/shader/kernel.hpp"

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

std::string axis_text(const std::array<uint64_t, 3>& grid) {
  return "(" + std::to_string(grid[0]) + ", " + std::to_string(grid[1]) + ", " + std::to_string(grid[2]) + ")";
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

Kernel::Kernel(std::shared_ptr<vk::Device> device, Words words, const KernelOptions& options)
    : device_(std::move(device)) {
  Reflection reflection = reflect(words);
  if (reflection.stage != Stage::compute)
    throw Error(ErrorCode::SHADER_INVALID, options.name + " is not a compute shader", "a compute entry point",
                reflection.stage == Stage::vertex ? "a vertex shader" : "a fragment shader");
  if (options.debug || has_prints(words)) {
    watched_ = std::make_shared<Instrumented>(instrument(words, reflection, options.debug));
    words = watched_->words;
    reflection.bindings.push_back(watched_->hidden);
  }
  watch_ = LoopWatch::attach(device_, words, reflection, options.name);
  if (watch_) {
    const Reflection counting = reflect(words);
    for (const Binding& binding : counting.bindings)
      if (binding.set == watch_->set() && binding.binding == watch_->binding()) reflection.bindings.push_back(binding);
  }
  std::vector<Program::Source> sources;
  sources.push_back({std::move(words), std::move(reflection)});
  program_ = std::make_shared<Program>(*device_, std::move(sources), options.name);
  list_parameters();
  read_spec(options.spec);
  given_spec_ = spec_;
  choose_workgroup();
  make_pipeline();
}

bool Kernel::is_hidden(const Binding& binding) const {
  if (watched_ && binding.set == watched_->hidden.set && binding.binding == watched_->hidden.binding) return true;
  return watch_ && binding.set == watch_->set() && binding.binding == watch_->binding();
}

void Kernel::list_parameters() {
  const Reflection& shader = reflection();
  for (size_t i = 0; i < shader.bindings.size(); ++i) {
    if (is_hidden(shader.bindings[i])) continue;
    if (!is_bindable(shader.bindings[i]))
      throw Error(ErrorCode::SHADER_INVALID, name() + " declares a resource that vf.Kernel cannot bind",
                  "buffers, textures and images of 1 to 3 dimensions, 2-D arrays, samplers, push constants",
                  shader::type_text(shader.bindings[i]) + " " + shader.bindings[i].name, "use a storage buffer");
    if (shader.bindings[i].array_depth > 1)
      throw Error(ErrorCode::SHADER_INVALID, name() + " declares a resource that vf.Kernel cannot bind",
                  "arrays of descriptors in one dimension",
                  "arrays of arrays of " + shader::type_text(shader.bindings[i]) + " " + shader.bindings[i].name,
                  "declare one array, and compute the index");
    if (shader.bindings[i].measured)
      throw Error(ErrorCode::MISSING_FEATURE,
                  name() + " asks for the length of an element of " + shader.bindings[i].name +
                      " that each invocation chooses for itself",
                  "a length that does not differ within a workgroup", "nonuniformEXT with length()",
                  "give the lengths in a buffer: drivers answer with another element's, or end the process")
          .with("feature", "lengths of non-uniform elements");
    parameters_.push_back({Parameter::Kind::binding, shader.bindings[i].name, i});
  }
  if (!shader.push) return;
  for (size_t i = 0; i < shader.push->members.size(); ++i) {
    const Type& type = shader.push->members[i].type;
    if ((type.kind == Type::Kind::pointer && !type.array.empty()) || holds_pointer(type))
      throw Error(ErrorCode::SHADER_INVALID, name() + " has a push constant that cannot be given by name",
                  "numbers, structures and arrays of them, and buffer references",
                  to_string(type) + " " + shader.push->members[i].name,
                  "make each buffer reference a member of the push constants");
    parameters_.push_back({type.kind == Type::Kind::pointer ? Parameter::Kind::pointer : Parameter::Kind::value,
                           shader.push->members[i].name, i});
  }
}

const Kernel::Parameter* Kernel::find(const std::string& wanted) const {
  const auto found =
      std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.name == wanted; });
  return found == parameters_.end() ? nullptr : &*found;
}

bool Kernel::is_image(const Parameter& parameter) const {
  return parameter.kind == Parameter::Kind::binding && !is_buffer(reflection().bindings[parameter.index].kind);
}

const Block& Kernel::block_of(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::binding) return reflection().bindings[parameter.index].block;
  return reflection().push->members[parameter.index].type.nested.front();
}

Access Kernel::access(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::value) return Access::none;
  if (parameter.kind == Parameter::Kind::pointer) return block_of(parameter).access;
  const Binding& binding = reflection().bindings[parameter.index];
  return binding.kind == BindingKind::uniform_buffer ? Access::read : binding.access;
}

uint64_t Kernel::alignment(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::pointer) return block_of(parameter).alignment;
  const bool uniform = reflection().bindings[parameter.index].kind == BindingKind::uniform_buffer;
  return uniform ? device_->limits().uniform_offset_alignment : device_->limits().storage_offset_alignment;
}

std::string Kernel::type_text(const Parameter& parameter) const {
  if (parameter.kind == Parameter::Kind::value) return to_string(reflection().push->members[parameter.index].type);
  if (is_image(parameter)) return shader::type_text(reflection().bindings[parameter.index]);
  const Block& block = block_of(parameter);
  return block.members.size() == 1 ? to_string(block.members.front().type) : block.name + " block";
}

std::string Kernel::element_text(const Parameter& parameter) const {
  return (is_image(parameter) ? "" : access_text(access(parameter))) + type_text(parameter);
}

std::string Kernel::where(const Parameter& parameter, Element element) const {
  return "argument " + parameter.name + (element ? "[" + std::to_string(*element) + "]" : "") + " of " + name();
}

std::string Kernel::signature() const {
  std::string text;
  for (const Parameter& parameter : parameters_)
    text += (text.empty() ? "" : ", ") + parameter.name + ": " + expected_text(parameter);
  return text.empty() ? "no arguments" : text;
}

void Kernel::check_names(std::span<const NamedArgument> arguments) const {
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

void Kernel::set_grid(const Grid& grid, KernelCall& call) const {
  const int given = grid.threads.has_value() + grid.groups.has_value() + grid.groups_from.has_value();
  if (given != 1)
    throw Error(ErrorCode::INVALID_ARGUMENT, "the grid of " + name() + " is not clear",
                "threads= (invocations), groups= (workgroups) or groups_from= (workgroups, read by the device)",
                given == 0 ? "none" : std::to_string(given) + " of them", "give exactly one");
  if (grid.groups_from) {
    call.groups_from = indirect_groups(*grid.groups_from);
    return;
  }
  const auto size = workgroup();
  for (size_t axis = 0; axis < 3; ++axis) {
    call.groups[axis] = grid.groups ? (*grid.groups)[axis]
                                    : (*grid.threads)[axis] / size[axis] + ((*grid.threads)[axis] % size[axis] != 0);
    call.has_work &= call.groups[axis] > 0;
  }
  // What Vulkan allows in one dispatch; a base beyond it is not valid either, so nothing is split behind the caller.
  const auto& most = device_->limits().max_groups;
  for (size_t axis = 0; axis < 3; ++axis) {
    if (call.groups[axis] > most[axis])
      throw Error(ErrorCode::LIMIT_EXCEEDED, "the grid of " + name() + " is too large for one dispatch",
                  "at most " + axis_text({most[0], most[1], most[2]}) + " workgroups on this device",
                  axis_text(call.groups) + " of " + axis_text({size[0], size[1], size[2]}) + " invocations",
                  "give each invocation several elements in a loop, a larger local_size, or use a second axis")
          .with("limit", std::to_string(most[axis]));
    // gl_GlobalInvocationID has 32 bits: beyond them threads would be run twice.
    if (call.groups[axis] * size[axis] > 0xFFFFFFFFull)
      throw Error(ErrorCode::LIMIT_EXCEEDED, "the grid of " + name() + " is too large",
                  "fewer than 2**32 invocations along an axis", axis_text(call.groups) + " groups",
                  "give each invocation more elements, or use a second axis");
  }
}

// What the device will read there cannot be known here; only where it lies is checked.
vk::BufferRef Kernel::indirect_groups(const ArrayArgument& from) const {
  const std::string where = "groups_from of " + name();
  if (&from.buffer.buffer->device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, where, "an array on the kernel's device (" + device_->info().name + ")",
                "one on " + from.buffer.buffer->device().info().name, "make both on the same vf.Device");
  if (from.dtype && *from.dtype != DType::uint32)
    throw Error(ErrorCode::BAD_DTYPE, where + " has the wrong dtype", "uint32", std::string(name_of(*from.dtype)),
                "convert it: .astype(np.uint32)");
  if (from.dtype && element_count(from.shape) != 3)
    throw Error(ErrorCode::BAD_SHAPE, where, "3 numbers: workgroups along x, y, z", "shape " + to_string(from.shape));
  constexpr uint64_t bytes = sizeof(VkDispatchIndirectCommand);
  if (from.buffer.size < bytes)
    throw Error(ErrorCode::TOO_SMALL, where + " is too small", std::to_string(bytes) + " bytes: three uint32",
                std::to_string(from.buffer.size) + " bytes");
  if (const uint64_t at = from.buffer.buffer->origin() + from.buffer.offset; at % 4 != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, where + " does not start where the device needs it",
                "a start at a multiple of 4 bytes", std::to_string(at % 4) + " beyond one", "give a copy (vf.asarray)");
  return from.buffer.part(0, bytes);
}

KernelCall Kernel::bind(std::span<const NamedArgument> arguments, const Grid& grid) {
  check_names(arguments);
  KernelCall call;
  call.device = device_;
  set_grid(grid, call);
  const std::vector<Program::Room> room = room_for(arguments);
  call.pipeline = program_->compute(spec_, room);
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
  // Not among the touched buffers: that would part kernels by barriers which only set the same word.
  if (watch_)
    call.descriptors.push_back({.set = watch_->set(), .binding = watch_->binding(), .resource = watch_->word()});
  if (watched_ && call.has_work) watch_arguments(arguments, call);
  return call;
}

// A buffer of its own for each call, with what is bound where.
void Kernel::watch_arguments(std::span<const NamedArgument> arguments, KernelCall& call) const {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_)
    if (parameter.kind == Parameter::Kind::pointer) names.push_back(parameter.name);
  uint64_t elements = 0;
  for (const NamedArgument& argument : arguments)
    if (const auto* list = std::get_if<ListArgument>(&argument.value)) elements += list->items.size();
  call.watch = std::make_shared<Watch>(device_, watched_, std::move(names), elements);
  tell_addresses(call.buffers, *call.watch);
  for (const NamedArgument& argument : arguments)
    if (const auto* list = std::get_if<ListArgument>(&argument.value)) tell_list(argument.name, *list, *call.watch);
  call.buffers.push_back({call.watch->buffer(), vk::Usage::compute_read_write});
  call.descriptors.push_back({.set = watched_->hidden.set,
                              .binding = watched_->hidden.binding,
                              .element = 0,
                              .type = descriptor_type(watched_->hidden.kind),
                              .resource = call.watch->buffer()});
}

void Kernel::tell_addresses(std::span<const vk::BufferTouch> touches, Watch& watch) const {
  size_t number = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.kind != Parameter::Kind::pointer) continue;
    const uint32_t at = reflection().push->members[parameter.index].offset;
    for (const vk::BufferTouch& touch : touches)
      if (touch.address_at == at) watch.set_argument(number, touch.buffer.address(), touch.buffer.size);
    ++number;
  }
}

void Kernel::bind_array(const Parameter& parameter, Element element, const ArrayArgument& argument,
                        KernelCall& call) const {
  const std::string where = this->where(parameter, element);
  if (parameter.kind == Parameter::Kind::value)
    throw Error(ErrorCode::BAD_TYPE, where, element_text(parameter), "an array",
                "give a number or a sequence of numbers");
  if (is_image(parameter))
    throw Error(ErrorCode::BAD_TYPE, where, element_text(parameter), "an array", "put its texels into a vf.Texture");
  const Block& block = block_of(parameter);
  const Access used = access(parameter);
  if (&argument.buffer.buffer->device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, where, "an array on the kernel's device (" + device_->info().name + ")",
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
  call.buffers.push_back({argument.buffer, compute_usage(used), offset});
}

void Kernel::bind_range(const Parameter& parameter, Element element, const ArrayArgument& argument,
                        KernelCall& call) const {
  call.buffers.push_back({argument.buffer, compute_usage(access(parameter))});
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

void Kernel::check_layout(const Parameter& parameter, const ArrayArgument& argument, const std::string& where) const {
  const Block& block = block_of(parameter);
  if (argument.record)
    check_records(block, {*argument.record, argument.shape}, where, "kernel.dtype(\"" + parameter.name + "\")");
  else if (argument.dtype)
    check_elements(block, *argument.dtype, argument.shape, where);
}

void Kernel::bind_records(const Parameter& parameter, const RecordsArgument& argument, KernelCall& call) const {
  const std::string where = this->where(parameter);
  const Member& member = reflection().push->members[parameter.index];
  if (parameter.kind != Parameter::Kind::value || member.type.kind != Type::Kind::structure)
    throw Error(ErrorCode::BAD_DTYPE, where, expected_text(parameter), "structures", "give numbers");
  check_records(member, argument.records, where, "kernel.dtype(\"" + parameter.name + "\")");
  std::memcpy(call.push.data() + member.offset, argument.bytes.data(),
              std::min<size_t>(argument.bytes.size(), member.size));
}

HostType Kernel::host_type(const Parameter& parameter) const {
  if (is_image(parameter))
    throw Error(ErrorCode::BAD_TYPE, where(parameter) + " has no dtype", "a buffer", expected_text(parameter),
                "a vf.Texture has one");
  if (parameter.kind == Parameter::Kind::value)
    return shader::host_type(reflection().push->members[parameter.index].type);
  return host_element(block_of(parameter));
}

void Kernel::bind_numbers(const Parameter& parameter, const NumbersArgument& argument, KernelCall& call) const {
  const std::string where = this->where(parameter);
  if (parameter.kind != Parameter::Kind::value)
    throw Error(ErrorCode::BAD_TYPE, where,
                expected_text(parameter) + (is_image(parameter) ? " as a vf.Texture" : " as a NumPy array or vf.Array"),
                argument.is_sequence ? "a sequence of numbers" : "a number");
  const Member& member = reflection().push->members[parameter.index];
  if (member.type.kind == Type::Kind::structure)
    throw Error(ErrorCode::BAD_TYPE, where, to_string(member.type) + " as a structured NumPy array",
                argument.is_sequence ? "a sequence of numbers" : "a number",
                "fill np.zeros((), " + numpy_text(host_type(parameter)) + ")");
  pack_numbers(member, argument, call.push.data(), where);
}

bool Kernel::repack(const NamedArgument& argument, std::span<std::byte> push) const {
  const Parameter* parameter = find(argument.name);
  const auto* numbers = std::get_if<NumbersArgument>(&argument.value);
  if (!parameter || !numbers || parameter->kind != Parameter::Kind::value) return false;
  const Member& member = reflection().push->members[parameter->index];
  if (member.type.kind == Type::Kind::structure) return false;
  pack_numbers(member, *numbers, push.data(), where(*parameter));
  return true;
}

void KernelCall::record(vk::Commands& commands) const {
  if (!has_work) return;
  const vk::Invocation invocation{
      .pipeline = pipeline, .push = push, .descriptors = descriptors, .buffers = buffers, .images = images};
  if (groups_from) return commands.dispatch_indirect(invocation, *groups_from);
  const auto count = [&](size_t axis) { return static_cast<uint32_t>(groups[axis]); };
  commands.dispatch(invocation, {count(0), count(1), count(2)});
}

}  // namespace forge::shader
