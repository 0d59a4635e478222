#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "forge/shader/kernel.hpp"
#include "forge/vk/graph.hpp"

// A graph of captured calls, run again with other values by the names of their arguments.
namespace forge::shader {

/// A captured call whose arguments have names.
struct GraphCall {
  std::string name;  // the kernel's or pipeline's
  std::vector<NamedArgument> arguments;
  std::vector<std::string> params;  // of each argument: the declared name it goes by, "" for its own
  /// Gives what the call says while it runs; none of kernels that neither debug nor print, and of all else.
  std::function<std::shared_ptr<Watch>(vk::Commands&, std::span<const NamedArgument>)> record;
  std::shared_ptr<const Callable> callee;  // the kernel or pipeline; none: a fill
  bool draws = false;                      // its arguments may be more than the callee's: what it draws with
  std::shared_ptr<Watch> watch;     // as captured; each run makes one of its own
  size_t first = 0, count = 0;      // its commands among all; none where there is no work
};

/// Memory that goes by a declared name wherever the graph uses it.
struct NamedMemory {
  std::string name;
  ArrayArgument memory;
};

/// What is captured between the beginning and the end of a recording. The first thing decides the device.
class GraphRecording {
 public:
  explicit GraphRecording(std::shared_ptr<vk::Device> device) : device_(std::move(device)) {}

  /// Captures a call; what it refuses leaves nothing behind.
  void call(const std::shared_ptr<vk::Device>& device, GraphCall call);
  /// Captures what `record(commands)` records, and returns what it returns.
  template <class Record>
  auto run(const std::shared_ptr<vk::Device>& device, Record&& record) {
    adopt(device);
    const size_t before = capture_.size();
    vk::Commands commands(device, capture_);
    try {
      return record(commands);
    } catch (...) {
      capture_.rewind(before);
      throw;
    }
  }
  /// Declares a name for what calls are given, or for memory; the same name and value may be declared again.
  void declare(const NamedArgument& value);
  void declare_memory(const std::string& name, const ArrayArgument& memory);
  bool empty() const { return calls_.empty() && capture_.size() == 0; }

 private:
  friend class Graph;
  void adopt(const std::shared_ptr<vk::Device>& device);

  std::shared_ptr<vk::Device> device_;
  vk::Capture capture_;
  std::vector<GraphCall> calls_;
  std::unordered_map<std::string, NamedArgument> declared_;
  std::vector<NamedMemory> memories_;
};

/// Safe to use from any thread; runs are sent in the order in which submit() is entered.
class Graph {
 public:
  explicit Graph(GraphRecording recording);

  struct Target {
    uint32_t call, argument;
  };
  /// What one name stands for: arguments of calls, or memory.
  struct Name {
    std::string text;
    std::vector<Target> targets;
    std::vector<Target> kinds;  // one of each kernel and argument among them
    bool ambiguous = false;  // the arguments were not all given the same value
    const NamedMemory* memory = nullptr;
  };
  /// Throws ARGUMENT_NAMES where nothing goes by this name, or several different things do.
  const Name& find(const std::string& name) const;
  const GraphCall& call(const Target& target) const { return calls_[target.call]; }
  const NamedArgument& captured(const Target& target) const { return calls_[target.call].arguments[target.argument]; }

  /// A name with the value for this run, as each of the kernels behind it takes it (one for memory).
  struct Assignment {
    const Name* name;
    std::vector<std::pair<const Callable*, NamedArgument>> values;
  };
  /// One argument of one call, with its value for a run.
  struct Replacement {
    uint32_t call, argument;
    const NamedArgument* value;
  };
  struct Run {
    uint64_t number = 0;  // to wait for
    std::vector<WatchedCall> watches;
  };
  /// Checks the values as the kernels' own calls do, and sends the graph, to run after what has the numbers `after`.
  Run submit(std::vector<Assignment> assignments, bool timed, std::span<const uint64_t> after = {});

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const std::vector<std::string>& labels() const { return labels_; }  // of each command: "blur", or "blur#2" of several
  const std::vector<vk::Capture::Item>& commands() const { return graph_->items(); }
  const vk::Schedule& order() const { return graph_->order(); }
  std::vector<std::string> names() const;  // that mean one thing, sorted
  /// What a resource is called, by the arguments it was given for.
  std::string resource_name(uint64_t id) const;
  std::vector<double> times() const;

 private:
  void label_commands();
  void list_names();
  void add(const std::string& name, Target target);
  void name_resource(uint64_t id, const std::string& name);
  void name_resources(const NamedArgument& argument);
  void find_uses(const NamedMemory& memory);
  vk::Changes changes_for(std::span<const Assignment> assignments, std::vector<WatchedCall>& watches);
  std::vector<uint32_t> changed_calls(std::span<const Replacement> replacements) const;
  void check_exchange(const NamedMemory& from, const ArrayArgument& to) const;
  void exchange(std::span<const NamedMemory* const> names, std::span<const vk::Exchange> exchanges,
                const std::function<vk::Work&(uint32_t)>& work) const;

  std::shared_ptr<vk::Device> device_;  // none of an empty graph
  std::vector<GraphCall> calls_;
  std::vector<NamedMemory> memories_;
  std::unordered_map<const NamedMemory*, std::vector<uint32_t>> uses_;  // commands that touch the memory
  std::unordered_map<const NamedMemory*, bool> written_;
  std::vector<std::string> labels_;
  std::unordered_map<std::string, Name> names_;
  std::unordered_set<std::string> declared_;
  std::unordered_map<uint64_t, std::string> resources_;
  std::unordered_map<std::string, size_t> resource_names_;
  bool watched_ = false;  // a call says something while it runs
  mutable std::mutex mutex_;
  std::unique_ptr<vk::Graph> graph_;
};

}  // namespace forge::shader
