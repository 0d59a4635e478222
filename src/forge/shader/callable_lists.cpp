// Arrays of descriptors: arguments that are several arrays or textures.
#include <algorithm>
#include <bit>

#include "forge/shader/callable.hpp"

namespace forge::shader {

namespace {

// Room for an array without a size comes in powers of two: a few pipelines then serve all counts.
constexpr uint32_t kLeastRoom = 8;

bool is_open(const Binding& binding) { return binding.array_depth > 0 && binding.count == 0; }

}  // namespace

bool Callable::is_list(const Parameter& parameter) const {
  return parameter.kind == Parameter::Kind::binding && reflection().bindings[parameter.index].array_depth > 0;
}

uint32_t Callable::list_count(const Parameter& parameter) const {
  return program_->count(reflection().bindings[parameter.index], spec_);
}

std::string Callable::expected_text(const Parameter& parameter) const {
  if (!is_list(parameter)) return element_text(parameter);
  const uint32_t count = list_count(parameter);
  return "list of " + (count ? std::to_string(count) + " " : "") + element_text(parameter);
}

void Callable::check_count(const Parameter& parameter, size_t count) const {
  const uint32_t declared = list_count(parameter);
  if (declared ? count == declared : count > 0) return;
  throw Error(ErrorCode::BAD_SHAPE, where(parameter) + " has another number of elements than the shader declares",
              declared ? expected_text(parameter) : "one or more " + element_text(parameter), std::to_string(count));
}

void Callable::bind_list(const Parameter& parameter, const ListArgument& argument, BoundArguments& call) const {
  if (!is_list(parameter))
    throw Error(ErrorCode::BAD_TYPE, where(parameter), expected_text(parameter), "a list",
                "declare an array of descriptors, as buffer X { ... } xs[3]");
  check_count(parameter, argument.items.size());
  for (uint32_t i = 0; i < argument.items.size(); ++i)
    if (const auto* array = std::get_if<ArrayArgument>(&argument.items[i]))
      bind_array(parameter, i, *array, call);
    else
      bind_texture(parameter, i, std::get<TextureArgument>(argument.items[i]), call);
}

// Where the powers of two are more than the device allows, as many as there are.
std::vector<Program::Room> Callable::room_for(std::span<const NamedArgument> arguments) const {
  std::vector<Program::Room> room, exact;
  for (const Binding& binding : reflection().bindings) {
    if (!is_open(binding)) continue;
    size_t given = 1;
    for (const NamedArgument& argument : arguments)
      if (const auto* list = std::get_if<ListArgument>(&argument.value); list && argument.name == binding.name)
        given = std::max(list->items.size(), given);
    const auto count = static_cast<uint32_t>(std::min<size_t>(given, 1u << 31));
    exact.push_back({binding.set, binding.binding, count});
    room.push_back({binding.set, binding.binding, std::max(std::bit_ceil(count), kLeastRoom)});
  }
  return room.empty() || program_->fits(spec_, room) ? room : exact;
}

// A descriptor that is there must be valid: those nobody gave repeat the last one.
void Callable::fill_room(std::span<const Program::Room> room, BoundArguments& call) const {
  for (const Program::Room& open : room) {
    const auto last = std::find_if(call.descriptors.rbegin(), call.descriptors.rend(), [&](const auto& write) {
      return write.set == open.set && write.binding == open.binding;
    });
    if (last == call.descriptors.rend()) continue;
    const auto at = static_cast<size_t>(call.descriptors.rend() - last) - 1;
    for (uint32_t element = call.descriptors[at].element + 1; element < open.count; ++element) {
      call.descriptors.push_back(call.descriptors[at]);
      call.descriptors.back().element = element;
    }
  }
}

}  // namespace forge::shader
