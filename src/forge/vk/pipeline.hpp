#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/vk/commands.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/draw_state.hpp"

namespace forge::vk {

struct DescriptorSlot {
  uint32_t set = 0, binding = 0, count = 1;
  VkDescriptorType type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  VkShaderStageFlags stages = 0;
};

/// Set layouts and pipeline layout. Holds no share of the device, which may own it.
class PipelineLayout {
 public:
  PipelineLayout(Device& device, std::span<const DescriptorSlot> slots, uint32_t push_bytes,
                 VkShaderStageFlags push_stages);
  ~PipelineLayout();
  PipelineLayout(const PipelineLayout&) = delete;
  PipelineLayout& operator=(const PipelineLayout&) = delete;

  VkPipelineLayout handle() const { return handle_; }
  std::span<const VkDescriptorSetLayout> sets() const { return sets_; }
  VkShaderStageFlags push_stages() const { return push_stages_; }
  std::span<const DescriptorSlot> slots() const { return slots_; }
  uint32_t push_bytes() const { return push_bytes_; }

 private:
  void create();
  void retire();

  Device& device_;
  std::vector<DescriptorSlot> slots_;
  uint32_t push_bytes_;
  std::vector<VkDescriptorSetLayout> sets_;
  VkPipelineLayout handle_ = VK_NULL_HANDLE;
  VkShaderStageFlags push_stages_;
};

struct SpecValue {
  uint32_t id = 0;
  uint32_t bytes = 4;
  uint64_t bits = 0;
};

struct ShaderCode {
  VkShaderStageFlagBits stage = VK_SHADER_STAGE_COMPUTE_BIT;
  std::span<const uint32_t> words;
  std::string entry = "main";
};

/// A shader module only lives while pipelines are made from it.
class ShaderModule {
 public:
  ShaderModule(Device& device, const ShaderCode& code);
  ~ShaderModule();
  ShaderModule(const ShaderModule&) = delete;
  ShaderModule& operator=(const ShaderModule&) = delete;
  VkPipelineShaderStageCreateInfo stage() const { return stage_; }  // points into the code's entry

 private:
  Device& device_;
  VkPipelineShaderStageCreateInfo stage_{};
};

/// One figure a driver gives about a pipeline: registers, spills, instructions.
struct PipelineStatistic {
  std::string executable, name, value;
};

class Pipeline {
 public:
  /// `pin_subgroup`: subgroups have the size that the device's limits name, where it would else be the driver's choice.
  static std::shared_ptr<Pipeline> compute(Device& device, const PipelineLayout& layout, const ShaderCode& code,
                                           std::span<const SpecValue> spec, const std::string& label,
                                           bool pin_subgroup = false, VkPipelineCreateFlags flags = 0);
  /// The same by other threads meanwhile, where this thread has a PipelinesAhead.
  static std::shared_ptr<Pipeline> compute_ahead(Device& device, std::shared_ptr<const PipelineLayout> layout,
                                                 const ShaderCode& code, std::span<const SpecValue> spec,
                                                 const std::string& label, bool pin_subgroup);
  static std::shared_ptr<Pipeline> graphics(Device& device, const PipelineLayout& layout,
                                            std::span<const ShaderCode> stages, const DrawState& state,
                                            const std::string& label);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  /// Waits until it is made; throws what making it failed with.
  VkPipeline handle() const;
  /// Whether making it has failed: another try may have more luck.
  bool failed() const;
  const std::string& label() const { return label_; }
  /// Of a pipeline made to capture them.
  std::vector<PipelineStatistic> statistics() const;

 private:
  Pipeline(Device& device, std::string label) : device_(device), label_(std::move(label)) {}
  void make_compute(const PipelineLayout& layout, const ShaderCode& code, std::span<const SpecValue> spec,
                    bool pin_subgroup, VkPipelineCreateFlags flags);

  Device& device_;
  std::string label_;
  VkPipeline handle_ = VK_NULL_HANDLE;
  std::atomic<bool> made_{true};  // else `making_` says when
  std::shared_future<void> making_;
};

}  // namespace forge::vk
