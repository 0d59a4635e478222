// What the parts of a graph are called, and what each name stands for.
#include <algorithm>
#include <cmath>

#include "forge/shader/graph.hpp"
#include "forge/vk/same_memory.hpp"

namespace forge::shader {

namespace {

double as_double(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

bool is_negative(const Number& number) {
  const auto* value = std::get_if<int64_t>(&number);
  return value && *value < 0;
}

// As numbers, whatever type holds them: 2 is 2.0, NaN is NaN, and integers beyond 2^53 are told apart.
bool same_number(const Number& a, const Number& b) {
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) {
    const double x = as_double(a), y = as_double(b);
    return x == y || (std::isnan(x) && std::isnan(y));
  }
  const auto bits = [](const Number& number) {
    return std::visit([](auto value) { return static_cast<uint64_t>(value); }, number);
  };
  return bits(a) == bits(b) && is_negative(a) == is_negative(b);
}

bool same_numbers(const NumbersArgument& a, const NumbersArgument& b) {
  return a.shape == b.shape &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same_number);
}

bool same_memory(const ArrayArgument& a, const ArrayArgument& b) {
  return a.buffer.buffer == b.buffer.buffer && a.buffer.offset == b.buffer.offset && a.buffer.size == b.buffer.size &&
         a.dtype == b.dtype && a.shape == b.shape;
}

bool same_texture(const TextureArgument& a, const TextureArgument& b) {
  return a.texture == b.texture && a.sampler == b.sampler;
}

bool same_list(const ListArgument& a, const ListArgument& b) {
  return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), [](const auto& x, const auto& y) {
    if (x.index() != y.index()) return false;
    if (const auto* array = std::get_if<ArrayArgument>(&x)) return same_memory(*array, std::get<ArrayArgument>(y));
    return same_texture(std::get<TextureArgument>(x), std::get<TextureArgument>(y));
  });
}

bool same_value(const NamedArgument& a, const NamedArgument& b) {
  if (a.value.index() != b.value.index()) return false;
  if (const auto* numbers = std::get_if<NumbersArgument>(&a.value))
    return same_numbers(*numbers, std::get<NumbersArgument>(b.value));
  if (const auto* records = std::get_if<RecordsArgument>(&a.value))
    return records->bytes == std::get<RecordsArgument>(b.value).bytes;
  if (const auto* texture = std::get_if<TextureArgument>(&a.value))
    return same_texture(*texture, std::get<TextureArgument>(b.value));
  if (const auto* list = std::get_if<ListArgument>(&a.value)) return same_list(*list, std::get<ListArgument>(b.value));
  return same_memory(std::get<ArrayArgument>(a.value), std::get<ArrayArgument>(b.value));
}

std::string number_text(const Number& number) {
  if (!std::holds_alternative<double>(number))
    return std::visit([](auto value) { return std::to_string(value); }, number);
  std::string text = std::to_string(std::get<double>(number));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string value_text(const NamedArgument& argument) {
  const auto* numbers = std::get_if<NumbersArgument>(&argument.value);
  if (std::holds_alternative<TextureArgument>(argument.value)) return "a texture";
  if (std::holds_alternative<ListArgument>(argument.value)) return "a list";
  if (!numbers) return "an array";
  std::string text;
  for (const Number& number : numbers->values) {
    if (text.size() > 30) return text + ", ...";
    text += (text.empty() ? "" : ", ") + number_text(number);
  }
  return text;
}

}  // namespace

void GraphRecording::declare(const NamedArgument& value) {
  const auto [known, fresh] = declared_.try_emplace(value.name, value);
  const bool memory =
      std::any_of(memories_.begin(), memories_.end(), [&](const NamedMemory& m) { return m.name == value.name; });
  if (memory || (!fresh && !same_value(known->second, value)))
    throw Error(ErrorCode::INVALID_ARGUMENT, "param " + value.name + " is declared twice", "one value for one name",
                "two different ones", "choose another name");
}

void GraphRecording::declare_memory(const std::string& name, const ArrayArgument& memory) {
  adopt(memory.buffer.buffer->device_ptr());
  const auto known =
      std::find_if(memories_.begin(), memories_.end(), [&](const NamedMemory& m) { return m.name == name; });
  const bool other = known != memories_.end() && !same_memory(known->memory, memory);
  if (other || declared_.contains(name))
    throw Error(ErrorCode::INVALID_ARGUMENT, "param " + name + " is declared twice", "one value for one name",
                "two different ones", "choose another name");
  for (const NamedMemory& m : memories_) {
    const vk::BufferRef &a = m.memory.buffer, &b = memory.buffer;
    if (m.name != name && a.buffer == b.buffer && a.offset < b.offset + b.size && b.offset < a.offset + a.size)
      throw Error(ErrorCode::INVALID_ARGUMENT, "params " + m.name + " and " + name + " share memory",
                  "one name for one range", "two", "declare the array once");
  }
  if (known == memories_.end()) memories_.push_back({name, memory});
}

void Graph::label_commands() {
  const std::vector<vk::Capture::Item>& items = commands();
  for (const vk::Capture::Item& item : items) {
    const std::string own = vk::name_of(item.work);
    labels_.push_back(item.scope.empty() ? own : item.scope + "/" + own);
  }
  for (const GraphCall& call : calls_)
    for (size_t i = call.first; i < call.first + call.count; ++i) labels_[i] = call.name;
  std::unordered_map<std::string, size_t> totals, seen;
  for (const std::string& label : labels_) ++totals[label];
  for (std::string& label : labels_)
    if (totals[label] > 1) label += "#" + std::to_string(++seen[label]);
}

void Graph::list_names() {
  for (const NamedMemory& memory : memories_) {
    Name& name = names_[memory.name];
    name.text = memory.name;
    name.memory = &memory;
    name_resource(vk::extent_of(memory.memory.buffer).resource, memory.name);
  }
  for (uint32_t c = 0; c < calls_.size(); ++c) {
    const GraphCall& call = calls_[c];
    const std::string label = call.count > 0 ? labels_[call.first] : call.name;
    if (call.watch) name_resource(call.watch->buffer().buffer->id(), "what " + label + " says");
    for (uint32_t a = 0; a < call.arguments.size(); ++a) {
      const NamedArgument& argument = call.arguments[a];
      const std::string& declared = call.params[a];
      if (!declared.empty() || !declared_.contains(argument.name))
        add(declared.empty() ? argument.name : declared, {c, a});
      add(call.name + "." + argument.name, {c, a});
      if (label != call.name) add(label + "." + argument.name, {c, a});
      name_resources(argument);
    }
  }
}

void Graph::name_resources(const NamedArgument& argument) {
  const auto texture = [&](const TextureArgument& given, const std::string& name) {
    if (given.texture) name_resource(given.texture->ref().image->id(), name);
  };
  if (const auto* array = std::get_if<ArrayArgument>(&argument.value))
    name_resource(vk::extent_of(array->buffer).resource, argument.name);
  if (const auto* one = std::get_if<TextureArgument>(&argument.value)) texture(*one, argument.name);
  const auto* list = std::get_if<ListArgument>(&argument.value);
  for (size_t i = 0; list && i < list->items.size(); ++i) {
    const std::string name = argument.name + "[" + std::to_string(i) + "]";
    if (const auto* array = std::get_if<ArrayArgument>(&list->items[i]))
      name_resource(vk::extent_of(array->buffer).resource, name);
    else
      texture(std::get<TextureArgument>(list->items[i]), name);
  }
}

// The first name that a resource is given; of several resources with one name the later ones are counted: "x", "x#2".
void Graph::name_resource(uint64_t id, const std::string& name) {
  if (resources_.contains(id)) return;
  const size_t count = ++resource_names_[name];
  resources_[id] = count == 1 ? name : name + "#" + std::to_string(count);
}

void Graph::add(const std::string& text, Target target) {
  Name& name = names_[text];
  name.text = text;
  if (!name.targets.empty()) name.ambiguous |= !same_value(captured(name.targets.front()), captured(target));
  const auto same_kind = [&](const Target& kind) {
    return call(kind).callee == call(target).callee && captured(kind).name == captured(target).name;
  };
  if (std::none_of(name.kinds.begin(), name.kinds.end(), same_kind)) name.kinds.push_back(target);
  name.targets.push_back(target);
}

const Graph::Name& Graph::find(const std::string& wanted) const {
  const auto found = names_.find(wanted);
  if (found == names_.end()) {
    std::string known;
    for (const std::string& name : names()) known += (known.empty() ? "" : ", ") + name;
    throw Error(ErrorCode::ARGUMENT_NAMES, "nothing in the graph is called " + wanted,
                known.empty() ? "no names" : known, wanted,
                "use the kernels' argument names, or declare one with vf.param");
  }
  const Name& name = found->second;
  if (!name.ambiguous) return name;
  std::string choices;
  size_t shown = 0;
  for (const Target& target : name.targets) {
    if (++shown > 4) {
      choices += ", ...";
      break;
    }
    const GraphCall& by = call(target);
    choices += (choices.empty() ? "\"" : ", \"") + (by.count > 0 ? labels_[by.first] : by.name) + "." +
               captured(target).name + "\" (" + value_text(captured(target)) + ")";
  }
  throw Error(ErrorCode::ARGUMENT_NAMES, wanted + " means several things in this graph",
              "a name for one value: " + choices, "\"" + wanted + "\"",
              "write run({\"kernel.argument\": value}), or declare a name with vf.param");
}

std::vector<std::string> Graph::names() const {
  std::vector<std::string> names;
  for (const auto& [text, name] : names_)
    if (!name.ambiguous) names.push_back(text);
  std::sort(names.begin(), names.end());
  return names;
}

std::string Graph::resource_name(uint64_t id) const {
  const auto found = resources_.find(id);
  return found == resources_.end() ? "" : found->second;
}

void Graph::find_uses(const NamedMemory& memory) {
  const vk::BufferRef& range = memory.memory.buffer;
  std::vector<uint32_t>& uses = uses_[&memory];
  bool& written = written_[&memory];
  for (uint32_t i = 0; i < commands().size(); ++i)
    vk::visit_touches(
        commands()[i].work,
        [&](const vk::BufferRef& ref, vk::Usage usage) {
          if (ref.buffer != range.buffer || ref.offset >= range.offset + range.size ||
              range.offset >= ref.offset + ref.size)
            return;
          if (uses.empty() || uses.back() != i) uses.push_back(i);
          written |= vk::usage_row(usage).writes;
        },
        [](const std::shared_ptr<vk::Image>&, vk::Usage) {});
}

}  // namespace forge::shader
