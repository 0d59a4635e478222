#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/shader/callable.hpp"
#include "forge/shader/loop_watch.hpp"

namespace forge::shader {

/// How many invocations or workgroups to run; exactly one of the three is given.
struct Grid {
  std::optional<std::array<uint64_t, 3>> threads;
  std::optional<std::array<uint64_t, 3>> groups;
  std::optional<ArrayArgument> groups_from = {};  // three uint32 that the device reads when the work begins
};

struct KernelOptions {
  std::string name = "kernel";
  std::map<std::string, Number> spec = {};  // specialisation constants by name
  bool debug = false;                  // check every index
};

/// Arguments checked against a kernel and packed: ready to record any number of times.
struct KernelCall : BoundArguments {
  std::shared_ptr<vk::Device> device;  // first, so that it outlives the pipeline
  vk::PipelineRef pipeline;
  std::array<uint64_t, 3> groups{1, 1, 1};
  std::optional<vk::BufferRef> groups_from;  // instead of groups
  std::shared_ptr<Watch> watch;  // what the kernel says while it runs; of kernels that debug or print

  void record(vk::Commands& commands) const;
};

/// A user's compute shader on one device, called with arguments by the shader's own names.
class Kernel : public Callable {
 public:
  Kernel(std::shared_ptr<vk::Device> device, Words words, const KernelOptions& options);

  /// The same program with other values; those not named stay as they are.
  Kernel specialize(const std::map<std::string, Number>& given) const;
  /// What it takes, what it uses and what the driver says of it, a line each.
  std::string explain() const;
  std::span<const uint32_t> words() const { return program_->stages().front().words; }  // as the driver got them
  std::array<uint32_t, 3> workgroup() const { return program_->workgroup(spec_); }

  /// Refuses what is missing, unknown, of the wrong kind, dtype, layout or size, or read-only where it is written.
  KernelCall bind(std::span<const NamedArgument> arguments, const Grid& grid);

 private:
  void list_parameters();
  bool is_hidden(const Binding& binding) const;  // ours, not the shader's own
  void watch_arguments(std::span<const NamedArgument> arguments, KernelCall& call) const;
  void tell_list(const std::string& parameter, const ListArgument& list, Watch& watch) const;
  void read_spec(const std::map<std::string, Number>& given);
  void choose_workgroup();
  std::string spec_lines() const;
  void make_pipeline();
  void set_grid(const Grid& grid, KernelCall& call) const;
  vk::BufferRef indirect_groups(const ArrayArgument& from) const;

  std::shared_ptr<const LoopWatch> watch_;  // null: this device runs loops to their end
  std::shared_ptr<const Instrumented> watched_;  // of kernels that debug or print
  std::vector<vk::SpecValue> given_spec_;  // by id, as callers gave it; spec_ has the chosen workgroup too
  std::string chosen_;                     // how, where the workgroup was
};

}  // namespace forge::shader
