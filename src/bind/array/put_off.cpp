#include "bind/array/put_off.hpp"

#include <algorithm>
#include <variant>

#include "bind/array/terms.hpp"
#include "bind/shader/arguments.hpp"
#include "forge/array/fuse/node.hpp"

namespace forge::bind {

namespace {

using array::Node;

// Values of this thread's recording that Arrays hold and nobody has asked for.
thread_local std::vector<std::weak_ptr<Node>> put_off;

bool is_over(const std::weak_ptr<Node>& known) {
  const auto node = known.lock();
  return !node || node->is_ready() || node->recording != array::recording_number();
}

bool writes(const shader::Callable& callee, const std::string& name) {
  const auto* parameter = callee.find(name);
  return parameter && parameter->kind != shader::Callable::Parameter::Kind::value &&
         has(callee.access(*parameter), shader::Access::write);
}

}  // namespace

void note_put_off(const array::Lazy& values) {
  if (array::recording_number() == 0) return;
  if (put_off.size() == put_off.capacity()) std::erase_if(put_off, is_over);  // amortised
  put_off.push_back(values.node());
}

void compute_readers(const vk::BufferRef& written) {
  if (array::recording_number() == 0) return;
  std::erase_if(put_off, is_over);
  std::vector<array::Lazy> wanted;
  for (const auto& known : put_off) {
    const auto node = known.lock();
    if (node && node->handles.load(std::memory_order_relaxed) > 0 && reads_memory(array::Lazy(node), *written.buffer))
      wanted.emplace_back(node);
  }
  if (!wanted.empty()) evaluate_together(wanted.front().device(), wanted);
}

void compute_readers(const shader::Callable& callee, std::span<const shader::NamedArgument> arguments) {
  for (const shader::NamedArgument& argument : arguments) {
    if (!writes(callee, argument.name)) continue;
    if (const auto* array = std::get_if<shader::ArrayArgument>(&argument.value)) compute_readers(array->buffer);
    if (const auto* list = std::get_if<shader::ListArgument>(&argument.value))
      for (const auto& item : list->items)
        if (const auto* array = std::get_if<shader::ArrayArgument>(&item)) compute_readers(array->buffer);
  }
}

}  // namespace forge::bind
