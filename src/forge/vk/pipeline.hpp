#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/vk/commands.hpp"
#include "forge/vk/device.hpp"

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

 private:
  void create(std::span<const DescriptorSlot> slots, uint32_t push_bytes);
  void retire();

  Device& device_;
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

enum class Topology : unsigned char { triangles, triangle_strip, lines, line_strip, points };
enum class Cull : unsigned char { none, back, front };
enum class Compare : unsigned char { never, less, less_equal, equal, greater_equal, greater, always };
enum class Blend : unsigned char { none, alpha, premultiplied, add };

struct VertexAttribute {
  uint32_t location = 0, stream = 0, offset = 0;
  VkFormat format = VK_FORMAT_R32G32B32_SFLOAT;
};
struct VertexStream {
  uint32_t stride = 0;
  bool per_instance = false;
};

/// Everything about drawing that is fixed when the pipeline is made.
struct DrawState {
  Topology topology = Topology::triangles;
  Cull cull = Cull::none;
  bool front_clockwise = false;
  bool wireframe = false;
  bool depth_test = false, depth_write = false;
  Compare depth_compare = Compare::less;
  float depth_bias_constant = 0, depth_bias_slope = 0;
  Blend blend = Blend::none;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  std::vector<VkFormat> color_formats;
  VkFormat depth_format = VK_FORMAT_UNDEFINED;
  std::vector<VertexAttribute> attributes;
  std::vector<VertexStream> streams;
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
  static std::shared_ptr<Pipeline> graphics(Device& device, const PipelineLayout& layout,
                                            std::span<const ShaderCode> stages, const DrawState& state,
                                            const std::string& label);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  VkPipeline handle() const { return handle_; }
  const std::string& label() const { return label_; }
  /// Of a pipeline made to capture them.
  std::vector<PipelineStatistic> statistics() const;

 private:
  Pipeline(Device& device, std::string label) : device_(device), label_(std::move(label)) {}
  Device& device_;
  std::string label_;
  VkPipeline handle_ = VK_NULL_HANDLE;
};

}  // namespace forge::vk
