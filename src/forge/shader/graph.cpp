#include "forge/shader/graph.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace forge::shader {

namespace {

// Starts are compared up to here: whatever a kernel was chosen by then holds for the memory that stands in.
constexpr uint64_t kFinestStart = 256;

uint64_t start_alignment(const ArrayArgument& memory) {
  const uint64_t at = memory.buffer.buffer->origin() + memory.buffer.offset;
  const uint64_t bits = at | memory.buffer.address() | kFinestStart;
  return uint64_t{1} << std::countr_zero(bits);
}

void append(std::string& key, const void* bytes, size_t size) { key.append(static_cast<const char*>(bytes), size); }

template <class T>
void append(std::string& key, const T& value) {
  append(key, &value, sizeof value);
}

void append_array(std::string& key, const ArrayArgument& array) {
  for (const uint64_t part : {array.buffer.buffer->id(), array.buffer.offset, array.buffer.size}) append(key, part);
  append(key, array.dtype ? static_cast<int>(*array.dtype) : -1);
  append(key, array.writable);
  append(key, array.shape.size());
  for (const int64_t extent : array.shape) append(key, extent);
}

void append_texture(std::string& key, const TextureArgument& texture) {
  append(key, texture.texture ? texture.texture->ref().image->id() : 0);
  append(key, texture.sampler);
}

void append_numbers(std::string& key, const NumbersArgument& numbers) {
  append(key, numbers.shape.size());
  for (const int64_t extent : numbers.shape) append(key, extent);
  for (const Number& number : numbers.values) {
    append(key, static_cast<unsigned char>(number.index()));
    std::visit([&](auto value) { append(key, value); }, number);
  }
}

void append_records(std::string& key, const RecordsArgument& records) {
  key.append(numpy_text(records.records.type));
  for (const int64_t extent : records.records.shape) append(key, extent);
  append(key, records.bytes.data(), records.bytes.size());
}

// Equal keys: equal values, of equal types, in the same memory.
void append_value(std::string& key, const NamedArgument& argument) {
  key.append(argument.name).push_back('=');
  if (const auto* numbers = std::get_if<NumbersArgument>(&argument.value)) return append_numbers(key, *numbers);
  if (const auto* records = std::get_if<RecordsArgument>(&argument.value)) return append_records(key, *records);
  if (const auto* texture = std::get_if<TextureArgument>(&argument.value)) return append_texture(key, *texture);
  if (const auto* array = std::get_if<ArrayArgument>(&argument.value)) return append_array(key, *array);
  for (const auto& item : std::get<ListArgument>(argument.value).items) {
    append(key, item.index());
    if (const auto* array = std::get_if<ArrayArgument>(&item))
      append_array(key, *array);
    else
      append_texture(key, std::get<TextureArgument>(item));
  }
}

// Commands as they change for one run; push constants alone where that is enough.
class Changing {
 public:
  explicit Changing(const std::vector<vk::Capture::Item>& items)
      : items_(items), works_(items.size(), kNone), pushes_(items.size(), kNone) {}

  /// Valid until the next call.
  std::span<std::byte> push(uint32_t command) {
    const auto& captured = std::get<vk::DispatchWork>(items_[command].work).push;
    if (pushes_[command] == kNone) {
      pushes_[command] = static_cast<uint32_t>(changes_.pushes.size());
      changes_.pushes.push_back({command, changes_.bytes.size()});
      changes_.bytes.insert(changes_.bytes.end(), captured.begin(), captured.end());
    }
    return std::span(changes_.bytes).subspan(changes_.pushes[pushes_[command]].at, captured.size());
  }
  vk::Work& work(uint32_t command) {
    if (works_[command] == kNone) {
      set(command, items_[command].work);
      if (pushes_[command] != kNone) {
        const std::span<std::byte> packed = push(command);
        std::get<vk::DispatchWork>(changes_.works.back().second).push.assign(packed.begin(), packed.end());
      }
    }
    return changes_.works[works_[command]].second;
  }
  void set(uint32_t command, vk::Work work) {
    works_[command] = static_cast<uint32_t>(changes_.works.size());
    changes_.works.emplace_back(command, std::move(work));
  }
  vk::Changes take() {
    std::erase_if(changes_.pushes, [&](const vk::Changes::Push& change) { return works_[change.command] != kNone; });
    return std::move(changes_);
  }

 private:
  static constexpr uint32_t kNone = ~0u;
  const std::vector<vk::Capture::Item>& items_;
  std::vector<uint32_t> works_, pushes_;  // of each command, its place in the changes
  vk::Changes changes_;
};

using Replacement = Graph::Replacement;

void collect(const Graph& graph, const Graph::Assignment& assignment, std::vector<Replacement>& replacements) {
  for (const Graph::Target& target : assignment.name->targets) {
    const auto found = std::find_if(assignment.values.begin(), assignment.values.end(), [&](const auto& value) {
      return value.first == graph.call(target).callee.get() && value.second.name == graph.captured(target).name;
    });
    FORGE_ASSERT(found != assignment.values.end());
    replacements.push_back({target.call, target.argument, &found->second});
  }
}

// The commands of one call with other arguments: packed into what is there where they are numbers, else bound anew. What
// it says in this run, of a call that is watched.
std::shared_ptr<Watch> change_call(const std::shared_ptr<vk::Device>& device, const GraphCall& call,
                                   std::span<const Replacement> given, Changing& changes) {
  const auto first = static_cast<uint32_t>(call.first);
  const bool numbers = std::all_of(given.begin(), given.end(), [](const Replacement& replacement) {
    return std::holds_alternative<NumbersArgument>(replacement.value->value);
  });
  if (numbers && call.callee && !call.draws && call.count == 1 && !call.watch &&
      std::all_of(given.begin(), given.end(), [&](const Replacement& replacement) {
        return call.callee->repack(*replacement.value, changes.push(first));
      }))
    return nullptr;
  std::vector<NamedArgument> arguments = call.arguments;
  for (const Replacement& replacement : given) arguments[replacement.argument].value = replacement.value->value;
  vk::Capture capture;
  vk::Commands commands(device, capture);
  auto watch = call.record(commands, arguments);
  std::vector<vk::Capture::Item> anew = capture.take();
  FORGE_ASSERT(anew.size() == call.count);
  for (size_t i = 0; i < anew.size(); ++i) changes.set(first + static_cast<uint32_t>(i), std::move(anew[i].work));
  return watch;
}

}  // namespace

void GraphRecording::adopt(const std::shared_ptr<vk::Device>& device) {
  if (!device_) device_ = device;
  if (device_ != device)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a call on another device than the graph's", device_->info().name,
                device->info().name + " (another vf.Device)", "record one graph for each device");
}

void GraphRecording::call(const std::shared_ptr<vk::Device>& device, GraphCall call) {
  call.first = capture_.size();
  run(device, [&](vk::Commands& commands) { call.watch = call.record(commands, call.arguments); });
  call.count = capture_.size() - call.first;
  calls_.push_back(std::move(call));
}

Graph::Graph(GraphRecording recording)
    : device_(std::move(recording.device_)),
      calls_(std::move(recording.calls_)),
      memories_(std::move(recording.memories_)) {
  for (const auto& [name, value] : recording.declared_) declared_.insert(name);
  watched_ = std::any_of(calls_.begin(), calls_.end(), [](const GraphCall& call) { return call.watch != nullptr; });
  for (const NamedMemory& memory : memories_) declared_.insert(memory.name);
  graph_ = std::make_unique<vk::Graph>(device_, recording.capture_.take());
  label_commands();
  list_names();
  for (const NamedMemory& memory : memories_) find_uses(memory);
}

// What watched calls say goes into memory that is made for each run: such graphs are recorded anew each time.
Graph::Run Graph::submit(std::vector<Assignment> assignments, bool timed, std::span<const uint64_t> after) {
  std::sort(assignments.begin(), assignments.end(),
            [](const Assignment& a, const Assignment& b) { return a.name->text < b.name->text; });
  std::string key;
  for (const Assignment& assignment : assignments) {
    key.append(assignment.name->text).push_back(':');
    for (const auto& [kernel, value] : assignment.values) append_value(key, value);
  }
  const std::lock_guard lock(mutex_);
  Run run;
  if (commands().empty()) return changes_for(assignments, run.watches), run;  // checked, as ever
  if (!timed && !watched_)
    if (const auto again = graph_->submit_again(key, after)) return {*again, {}};
  vk::Changes changes = changes_for(assignments, run.watches);
  run.number = timed ? graph_->submit_timed(std::move(changes), after) : graph_->submit(std::move(changes), key, after);
  return run;
}

std::vector<double> Graph::times() const {
  const std::lock_guard lock(mutex_);
  return graph_->times();
}

// Calls with other arguments, and those that say something: that is told apart by run.
std::vector<uint32_t> Graph::changed_calls(std::span<const Replacement> replacements) const {
  std::vector<uint32_t> calls;
  for (const Replacement& replacement : replacements) calls.push_back(replacement.call);
  for (uint32_t call = 0; watched_ && call < calls_.size(); ++call)
    if (calls_[call].watch) calls.push_back(call);
  std::sort(calls.begin(), calls.end());
  calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
  return calls;
}

vk::Changes Graph::changes_for(std::span<const Assignment> assignments, std::vector<WatchedCall>& watches) {
  std::vector<Replacement> replacements;
  std::vector<vk::Exchange> exchanges;
  std::vector<const NamedMemory*> exchanged;
  for (const Assignment& assignment : assignments) {
    if (!assignment.name->memory) {
      collect(*this, assignment, replacements);
      continue;
    }
    const auto& to = std::get<ArrayArgument>(assignment.values.front().second.value);
    check_exchange(*assignment.name->memory, to);
    exchanges.push_back({assignment.name->memory->memory.buffer, to.buffer});
    exchanged.push_back(assignment.name->memory);
  }
  const auto place = [](const Replacement& r) { return std::pair(r.call, r.argument); };
  std::sort(replacements.begin(), replacements.end(),
            [&](const Replacement& a, const Replacement& b) { return place(a) < place(b); });
  const auto twice = std::adjacent_find(replacements.begin(), replacements.end(),
                                        [&](const auto& a, const auto& b) { return place(a) == place(b); });
  if (twice != replacements.end())
    throw Error(ErrorCode::ARGUMENT_NAMES, "an argument of " + calls_[twice->call].name + " is given twice",
                "each argument by one name", twice->value->name);
  Changing changes(commands());
  std::vector<std::pair<uint32_t, std::shared_ptr<Watch>>> said;  // by call
  auto given = replacements.begin();
  for (const uint32_t call : changed_calls(replacements)) {
    const auto end = std::find_if(given, replacements.end(), [&](const Replacement& r) { return r.call != call; });
    auto watch = change_call(device_, calls_[call], std::span(given, end), changes);
    if (watch) said.emplace_back(call, std::move(watch));
    given = end;
  }
  exchange(exchanged, exchanges, [&](uint32_t command) -> vk::Work& { return changes.work(command); });
  for (auto& [call, watch] : said) {
    const auto first = static_cast<uint32_t>(calls_[call].first);
    calls_[call].callee->tell_addresses(std::get<vk::DispatchWork>(changes.work(first)).buffers, *watch);
    watches.push_back({std::move(watch), labels_[first]});
  }
  return changes.take();
}

void Graph::exchange(std::span<const NamedMemory* const> names, std::span<const vk::Exchange> exchanges,
                     const std::function<vk::Work&(uint32_t)>& work) const {
  std::vector<uint32_t> touched;
  for (const NamedMemory* name : names) {
    const auto& uses = uses_.at(name);
    touched.insert(touched.end(), uses.begin(), uses.end());
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const uint32_t command : touched)
    if (!vk::substitute(work(command), exchanges))
      throw Error(ErrorCode::INVALID_ARGUMENT, "an array that cannot be exchanged in " + labels_[command],
                  "memory that its kernels reach whole, by a binding or by an address in their push constants",
                  "memory that they reach in another way, or a part of it with a part of something else",
                  "copy the values into the captured array before the run");
}

// What the captured calls were chosen and checked by must hold for the memory that stands in.
void Graph::check_exchange(const NamedMemory& from, const ArrayArgument& to) const {
  const ArrayArgument& was = from.memory;
  const std::string where = "array " + from.name + " of the graph";
  const auto text = [](const ArrayArgument& array) {
    return array.dtype ? std::string(name_of(*array.dtype)) + " " + to_string(array.shape)
                       : std::to_string(array.buffer.size) + " bytes";
  };
  if (&to.buffer.buffer->device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, where, "an array on the graph's device (" + device_->info().name + ")",
                "one on " + to.buffer.buffer->device().info().name, "make both on the same vf.Device");
  if (to.dtype != was.dtype)
    throw Error(ErrorCode::BAD_DTYPE, where + " has another dtype than the captured one", text(was), text(to),
                "convert it, or record a graph for it");
  if (to.shape != was.shape || to.buffer.size != was.buffer.size)
    throw Error(ErrorCode::BAD_SHAPE, where + " has another shape than the captured one", text(was), text(to),
                "record a graph for each shape");
  if (written_.at(&from) && !to.writable)
    throw Error(ErrorCode::READ_ONLY, where + " is written by the graph", "a writable array", "a read-only one",
                "give a copy");
  if (start_alignment(to) < start_alignment(was))
    throw Error(ErrorCode::NOT_CONTIGUOUS, where + " does not start as the captured one does",
                "a start at a multiple of " + std::to_string(start_alignment(was)) + " bytes",
                "one of " + std::to_string(start_alignment(to)), "give a copy (vf.asarray)");
}

}  // namespace forge::shader
