#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "forge/infer/onnx/fusions.hpp"
#include "forge/infer/onnx/memory_plan.hpp"
#include "forge/infer/onnx/trace.hpp"
#include "forge/vk/graph.hpp"

namespace forge::infer::onnx {

/// Values for an input: of the host, with byte strides, or of the device.
struct HostValues {
  DType dtype;
  Dims shape, strides;
  const void* values;
};
using Feed = std::variant<HostValues, Array>;

struct Options {
  bool record = true;         // plans are recorded once for each set of shapes; else nodes run one by one
  bool share_memory = true;   // values live in memory that is shared by live ranges
  bool fold = true;           // what is the same in every run is computed once
  Fusions fusions = fusions_named(std::nullopt);
};

/// What a plan is made of, for reports.
struct PlanReport {
  bool recorded = false;
  std::string reason;       // why it is not
  size_t commands = 0;      // of a run
  size_t constant = 0;      // that were run once
  MemoryUse memory;
};

/// A model on a device. Plans are made for each set of shapes when it first comes. Any thread may run it; runs take turns.
class Session {
 public:
  Session(std::shared_ptr<vk::Device> device, Model model, Options options = {});

  const Model& model() const { return model_; }
  const std::shared_ptr<vk::Device>& device() const { return device_; }

  /// Runs the model and hands each wanted output to `fetch(i, values)` before another run may begin. Throws
  /// INVALID_ARGUMENT for unknown, missing or extra names, BAD_DTYPE, BAD_SHAPE.
  void run(const std::map<std::string, Feed>& feeds, const std::vector<std::string>& outputs,
           const std::function<void(size_t, const Array&)>& fetch);

  /// Of the last plan that ran.
  PlanReport report() const;
  /// The kernels of the last plan, in order, with the milliseconds of one run each.
  std::vector<std::pair<std::string, double>> times();

 private:
  struct Plan {
    std::string key;
    std::vector<Array> inputs;  // memory that runs write
    std::vector<Array> outputs;
    std::unique_ptr<vk::Graph> graph;  // null: nodes run one by one
    PlanReport report;
  };

  std::string key_of(const std::map<std::string, Feed>& feeds) const;
  void check(const std::map<std::string, Feed>& feeds) const;
  Plan& plan_for(const std::map<std::string, Feed>& feeds);
  std::unique_ptr<Plan> make_plan(const std::map<std::string, Feed>& feeds);
  void record(Plan& plan, const std::map<std::string, Feed>& feeds);
  Trace::Values values_of(const std::vector<Array>& inputs, const std::map<std::string, Feed>& feeds) const;
  bool is_special(const Port& port, const Feed& feed) const;
  std::vector<Array> run_nodes(const std::map<std::string, Feed>& feeds);

  std::shared_ptr<vk::Device> device_;
  Model model_;
  Options options_;
  Constants constants_;
  bool special_ = false;  // small whole numbers among the inputs are part of a plan
  std::list<std::unique_ptr<Plan>> plans_;  // the last used first
  mutable std::mutex mutex_;
};

}  // namespace forge::infer::onnx
