#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "forge/shader/packed.hpp"
#include "forge/shader/reflect.hpp"
#include "forge/vk/pipeline.hpp"

namespace forge::shader {

/// Stages that run together, with the layout and pipelines that follow from what they say about themselves.
/// Holds no share of its device, which may own it.
class Program {
 public:
  struct Source {
    Words words;
    Reflection reflection;
  };

  /// Throws MISSING_FEATURE or LIMIT_EXCEEDED where the device cannot run these stages.
  Program(vk::Device& device, std::vector<Source> stages, std::string name);
  Program(vk::Device& device, std::span<const EmbeddedModule> modules);

  const Reflection& reflection(size_t stage = 0) const { return stages_[stage].reflection; }
  const std::vector<Source>& stages() const { return stages_; }
  const std::string& name() const { return name_; }

  /// Descriptors for an array that has no size of its own.
  struct Room {
    uint32_t set, binding, count;
  };

  /// Made at first use and kept, one for each set of values and of room (for arrays without a size; one where it says
  /// nothing of them).
  vk::PipelineRef compute(std::span<const vk::SpecValue> spec = {}, std::span<const Room> room = {});
  /// Whether the device takes as many descriptors; compute() throws LIMIT_EXCEEDED where not.
  bool fits(std::span<const vk::SpecValue> spec, std::span<const Room> room) const;
  /// Descriptors of a binding: 0 where each call says how many.
  uint32_t count(const Binding& binding, std::span<const vk::SpecValue> spec) const;
  /// `key` names the state: the same key always comes with the same state.
  vk::PipelineRef graphics(const std::string& key, const vk::DrawState& state, std::span<const Room> room = {});

  /// What the driver says of a compute pipeline it compiles for this question; empty where it says nothing.
  std::vector<vk::PipelineStatistic> statistics(std::span<const vk::SpecValue> spec = {}) const;

  /// Pipelines made from now on have subgroups of the size that the device's limits name.
  void pin_subgroup() { pin_subgroup_ = true; }

  /// The workgroup size with specialisation applied.
  std::array<uint32_t, 3> workgroup(std::span<const vk::SpecValue> spec = {}) const;
  uint64_t shared_bytes(std::span<const vk::SpecValue> spec) const;  // of a workgroup of the compute stage
  VkDescriptorType descriptor_type(uint32_t set, uint32_t binding) const;

 private:
  struct Slot {
    vk::DescriptorSlot slot;
    std::optional<uint32_t> count_spec;  // the constant that its count is
    bool open;  // an array without a size
  };
  static std::vector<Slot> slots_of(const std::vector<Source>& stages);
  void refuse_shared(uint64_t bytes) const;
  void check_stages() const;
  void check_indexing(const Reflection& stage) const;
  void check_numbers() const;
  std::vector<vk::DescriptorSlot> sized(std::span<const vk::SpecValue> spec, std::span<const Room> room) const;
  void check_counts(std::span<const vk::DescriptorSlot> slots) const;
  std::shared_ptr<vk::PipelineLayout> layout_for(std::span<const vk::DescriptorSlot> slots) const;
  vk::PipelineRef as_ref(std::shared_ptr<vk::Pipeline> pipeline, std::shared_ptr<vk::PipelineLayout> layout) const;

  vk::Device& device_;
  std::vector<Source> stages_;
  std::string name_;
  bool pin_subgroup_ = false;
  std::vector<Slot> slots_;
  bool varies_ = false;  // counts of descriptors depend on constants or on the call
  mutable std::mutex layouts_mutex_;
  mutable std::map<std::vector<uint32_t>, std::shared_ptr<vk::PipelineLayout>> layouts_;  // by the slots' counts
  std::mutex mutex_;
  std::map<std::string, vk::PipelineRef> pipelines_;
};

VkDescriptorType descriptor_type(BindingKind kind);
vk::Usage compute_usage(Access access);

}  // namespace forge::shader
