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

  /// Made at first use and kept, one for each set of values.
  vk::PipelineRef compute(std::span<const vk::SpecValue> spec = {});
  /// `key` names the state: the same key always comes with the same state.
  vk::PipelineRef graphics(const std::string& key, const vk::DrawState& state);

  /// What the driver says of a compute pipeline it compiles for this question; empty where it says nothing.
  std::vector<vk::PipelineStatistic> statistics(std::span<const vk::SpecValue> spec = {}) const;

  /// Pipelines made from now on have subgroups of the size that the device's limits name.
  void pin_subgroup() { pin_subgroup_ = true; }

  /// The workgroup size with specialisation applied.
  std::array<uint32_t, 3> workgroup(std::span<const vk::SpecValue> spec = {}) const;
  VkDescriptorType descriptor_type(uint32_t set, uint32_t binding) const;

 private:
  void check_stages() const;
  void check_slots() const;
  vk::PipelineRef as_ref(std::shared_ptr<vk::Pipeline> pipeline) const;

  vk::Device& device_;
  std::vector<Source> stages_;
  std::string name_;
  bool pin_subgroup_ = false;
  std::vector<vk::DescriptorSlot> slots_;
  std::shared_ptr<vk::PipelineLayout> layout_;
  std::mutex mutex_;
  std::map<std::string, vk::PipelineRef> pipelines_;
};

VkDescriptorType descriptor_type(BindingKind kind);
vk::Usage compute_usage(Access access);

}  // namespace forge::shader
