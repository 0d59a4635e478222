#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "forge/infer/onnx/fusions.hpp"
#include "forge/infer/onnx/operators.hpp"

namespace forge::infer::onnx {

/// What is the same in every run, on the device: initializers, and what nodes gave that depends on them alone.
struct Constants {
  std::unordered_map<const HostTensor*, Array> weights;
  std::unordered_map<const Node*, std::vector<std::optional<Tensor>>> folded;

  /// The tensor on the device, to which it is brought once; its values are not asked for again.
  const Array& weight(const std::shared_ptr<vk::Device>& device, const HostTensor& tensor);
};

/// Walks a model's nodes in order, once: each becomes lazy values, or work of a stream.
class Trace {
 public:
  Trace(const Model& model, const Stream& now, const Stream& later, Constants& constants, const Fusions& fusions);

  /// Values that the graph's names stand for, from outside.
  using Values = std::unordered_map<std::string, Tensor>;
  /// Runs the model's own graph; the values of its outputs.
  std::vector<Tensor> run(Values inputs);
  /// Runs a graph of a node: it sees what stands around it. The values of its outputs.
  std::vector<Tensor> run(const Graph& graph, Values inputs);

  const Stream& now() const { return now_; }      // for what is known
  const Stream& later() const { return later_; }  // for all else
  const Model& model() const { return model_; }
  /// The initializer of a graph on the device.
  Tensor weight(const HostTensor& tensor);

 private:
  /// A value that somebody still needs: kernels that compute it on their way store it.
  class Held {
   public:
    explicit Held(Tensor tensor);
    Held(Held&& other) noexcept;
    Held& operator=(Held&& other) noexcept;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held();
    const Tensor& tensor() const { return *tensor_; }

   private:
    std::optional<Tensor> tensor_;
  };
  using Scope = std::unordered_map<std::string, Held>;

  const Tensor* find(const std::string& name) const;
  void step(const Node& node, Scope& scope);
  std::vector<std::optional<Tensor>> compute(const Node& node, std::vector<std::optional<Tensor>> inputs);

  const Model& model_;
  const Stream &now_, &later_;
  Constants& constants_;
  bool chains_, epilogues_;  // whether values may wait for what is made of them
  std::vector<Scope> scopes_;
};

}  // namespace forge::infer::onnx
