#include "forge/shader/kernel.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace forge::shader {

namespace {

std::string axis_text(const std::array<uint64_t, 3>& grid) {
  return "(" + std::to_string(grid[0]) + ", " + std::to_string(grid[1]) + ", " + std::to_string(grid[2]) + ")";
}

}  // namespace

Kernel::Kernel(std::shared_ptr<vk::Device> device, Words words, const KernelOptions& options)
    : Callable(std::move(device), "kernel") {
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
  interface_ = std::shared_ptr<const Reflection>(program_, &program_->reflection());
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
  for (size_t i = 0; i < reflection().bindings.size(); ++i)
    if (!is_hidden(reflection().bindings[i])) add_binding(i, VK_SHADER_STAGE_COMPUTE_BIT);
  if (!reflection().push) return;
  for (size_t i = 0; i < reflection().push->members.size(); ++i) add_push_member(i, VK_SHADER_STAGE_COMPUTE_BIT);
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
  bind_arguments(arguments, room, call);
  // Not among the touched buffers: that would part kernels by barriers which only set the same word. A recording holds it
  // beside the pipeline, as the kernel may be closed before it is sent.
  if (watch_) {
    using Held = std::pair<std::shared_ptr<const void>, std::shared_ptr<const LoopWatch>>;
    call.descriptors.push_back({.set = watch_->set(), .binding = watch_->binding(), .resource = watch_->word()});
    call.pipeline.keepalive = std::make_shared<Held>(std::move(call.pipeline.keepalive), watch_);
  }
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

void Kernel::tell_list(const std::string& parameter, const ListArgument& list, Watch& watch) const {
  std::vector<uint64_t> bytes;
  for (const auto& item : list.items) {
    const auto* array = std::get_if<ArrayArgument>(&item);
    bytes.push_back(array ? array->buffer.size : 0);
  }
  const Binding& binding = reflection().bindings[find(parameter)->index];
  watch.set_list(binding.set, binding.binding, bytes);
}

// What cannot be made is refused before the first call.
void Kernel::make_pipeline() { program_->compute(spec_, room_for({})); }

void KernelCall::record(vk::Commands& commands) const {
  if (!has_work) return;
  const vk::Invocation invocation{
      .pipeline = pipeline, .push = push, .descriptors = descriptors, .buffers = buffers, .images = images};
  if (groups_from) return commands.dispatch_indirect(invocation, *groups_from);
  const auto count = [&](size_t axis) { return static_cast<uint32_t>(groups[axis]); };
  commands.dispatch(invocation, {count(0), count(1), count(2)});
}

}  // namespace forge::shader
