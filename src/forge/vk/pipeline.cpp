#include "forge/vk/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "forge/vk/compile_ahead.hpp"
#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/pipelines_ahead.hpp"

namespace forge::vk {

PipelineLayout::PipelineLayout(Device& device, std::span<const DescriptorSlot> slots, uint32_t push_bytes,
                               VkShaderStageFlags push_stages)
    : device_(device), slots_(slots.begin(), slots.end()), push_bytes_(push_bytes), push_stages_(push_stages) {
  try {
    create();
  } catch (...) {
    retire();
    throw;
  }
}

PipelineLayout::~PipelineLayout() { retire(); }

void PipelineLayout::create() {
  uint32_t set_count = 0;
  for (const DescriptorSlot& slot : slots_) set_count = std::max(set_count, slot.set + 1);
  for (uint32_t set = 0; set < set_count; ++set) {
    std::vector<VkDescriptorSetLayoutBinding> rows;
    for (const DescriptorSlot& slot : slots_)
      if (slot.set == set) rows.push_back({slot.binding, slot.type, slot.count, slot.stages, nullptr});
    VkDescriptorSetLayoutCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    info.bindingCount = static_cast<uint32_t>(rows.size());
    info.pBindings = rows.data();
    sets_.push_back(VK_NULL_HANDLE);
    FORGE_VK(device_.vk(), vkCreateDescriptorSetLayout, device_.handle(), &info, nullptr, &sets_.back());
  }
  const VkPushConstantRange range{push_stages_, 0, (push_bytes_ + 3) / 4 * 4};
  VkPipelineLayoutCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  info.setLayoutCount = static_cast<uint32_t>(sets_.size());
  info.pSetLayouts = sets_.data();
  info.pushConstantRangeCount = push_bytes_ ? 1 : 0;
  info.pPushConstantRanges = &range;
  FORGE_VK(device_.vk(), vkCreatePipelineLayout, device_.handle(), &info, nullptr, &handle_);
}

void PipelineLayout::retire() {
  const uint64_t after = device_.submitted();
  device_.retire(VK_OBJECT_TYPE_PIPELINE_LAYOUT, reinterpret_cast<uint64_t>(handle_), after);
  for (VkDescriptorSetLayout set : sets_)
    device_.retire(VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT, reinterpret_cast<uint64_t>(set), after);
}

namespace {

// Specialisation values as Vulkan wants them: a map and a run of bytes.
struct Specialization {
  std::vector<VkSpecializationMapEntry> entries;
  std::vector<std::byte> bytes;
  VkSpecializationInfo info{};

  explicit Specialization(std::span<const SpecValue> values) {
    for (const SpecValue& value : values) {
      entries.push_back({value.id, static_cast<uint32_t>(bytes.size()), value.bytes});
      const auto* raw = reinterpret_cast<const std::byte*>(&value.bits);
      bytes.insert(bytes.end(), raw, raw + value.bytes);
    }
    info = {static_cast<uint32_t>(entries.size()), entries.data(), bytes.size(), bytes.data()};
  }
};

}  // namespace

ShaderModule::ShaderModule(Device& device, const ShaderCode& code) : device_(device) {
  VkShaderModuleCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  info.codeSize = code.words.size_bytes();
  info.pCode = code.words.data();
  stage_.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  stage_.stage = code.stage;
  stage_.pName = code.entry.c_str();
  FORGE_VK(device_.vk(), vkCreateShaderModule, device_.handle(), &info, nullptr, &stage_.module);
}

ShaderModule::~ShaderModule() { device_.vk().vkDestroyShaderModule(device_.handle(), stage_.module, nullptr); }

std::shared_ptr<Pipeline> Pipeline::compute(Device& device, const PipelineLayout& layout, const ShaderCode& code,
                                            std::span<const SpecValue> spec, const std::string& label,
                                            bool pin_subgroup, VkPipelineCreateFlags flags) {
  device.check_usable();
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, label));
  pipeline->make_compute(layout, code, spec, pin_subgroup, flags);
  return pipeline;
}

std::shared_ptr<Pipeline> Pipeline::compute_ahead(Device& device, std::shared_ptr<const PipelineLayout> layout,
                                                  const ShaderCode& code, std::span<const SpecValue> spec,
                                                  const std::string& label, bool pin_subgroup) {
  PipelinesAhead* const ahead = PipelinesAhead::of(device);
  if (!ahead) return compute(device, *layout, code, spec, label, pin_subgroup);
  device.check_usable();
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, label));
  pipeline->made_ = false;
  auto make = std::make_shared<std::packaged_task<void()>>(
      [it = pipeline.get(), layout = std::move(layout), words = std::vector(code.words.begin(), code.words.end()),
       stage = code.stage, entry = code.entry, spec = std::vector(spec.begin(), spec.end()), pin_subgroup] {
        it->make_compute(*layout, {stage, words, entry}, spec, pin_subgroup, 0);
        it->made_.store(true, std::memory_order_release);
      });
  pipeline->making_ = make->get_future().share();
  ahead->add([pipeline, make] { (*make)(); });
  return pipeline;
}

VkPipeline Pipeline::handle() const {
  if (!made_.load(std::memory_order_acquire)) making_.get();
  return handle_;
}

bool Pipeline::failed() const {
  if (made_.load(std::memory_order_acquire)) return false;
  return making_.wait_for(std::chrono::seconds(0)) == std::future_status::ready && !made_;
}

void Pipeline::make_compute(const PipelineLayout& layout, const ShaderCode& code, std::span<const SpecValue> spec,
                            bool pin_subgroup, VkPipelineCreateFlags flags) {
  Device& device = device_;
  const ShaderModule module(device, code);
  const Specialization special(spec);
  VkComputePipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.flags = flags;
  info.stage = module.stage();
  if (!spec.empty()) info.stage.pSpecializationInfo = &special.info;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size{};
  size.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO;
  size.requiredSubgroupSize = device.limits().subgroup_size;
  if (pin_subgroup && device.limits().can_pin_subgroup && device.has("subgroupSizeControl")) info.stage.pNext = &size;
  info.layout = layout.handle();
  const CompilerTurn turn = CompilerTurn::to_make(device);
  FORGE_VK(device.vk(), vkCreateComputePipelines, device.handle(), device.pipeline_cache(), 1, &info, nullptr,
           &handle_);
  device.count_pipeline(1);
  device.name_object(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<uint64_t>(handle_), label_);
  if (CompileAhead* ahead = device.compile_ahead(); ahead && flags == 0) ahead->add(layout, code, spec, pin_subgroup);
}

namespace {
std::string value_text(const VkPipelineExecutableStatisticKHR& row) {
  switch (row.format) {
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR: return row.value.b32 ? "true" : "false";
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR: return std::to_string(row.value.i64);
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR: return std::to_string(row.value.u64);
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR: return std::to_string(row.value.f64);
    default: return "?";
  }
}
}  // namespace

std::vector<PipelineStatistic> Pipeline::statistics() const {
  VkPipelineInfoKHR info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR;
  info.pipeline = handle_;
  uint32_t count = 0;
  FORGE_VK(device_.vk(), vkGetPipelineExecutablePropertiesKHR, device_.handle(), &info, &count, nullptr);
  VkPipelineExecutablePropertiesKHR empty{};
  empty.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR;
  std::vector<VkPipelineExecutablePropertiesKHR> executables(count, empty);
  FORGE_VK(device_.vk(), vkGetPipelineExecutablePropertiesKHR, device_.handle(), &info, &count, executables.data());
  std::vector<PipelineStatistic> rows;
  for (uint32_t index = 0; index < count; ++index) {
    VkPipelineExecutableInfoKHR which{};
    which.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR;
    which.pipeline = handle_;
    which.executableIndex = index;
    uint32_t length = 0;
    FORGE_VK(device_.vk(), vkGetPipelineExecutableStatisticsKHR, device_.handle(), &which, &length, nullptr);
    VkPipelineExecutableStatisticKHR blank{};
    blank.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
    std::vector<VkPipelineExecutableStatisticKHR> list(length, blank);
    FORGE_VK(device_.vk(), vkGetPipelineExecutableStatisticsKHR, device_.handle(), &which, &length, list.data());
    for (const auto& row : list) rows.push_back({executables[index].name, row.name, value_text(row)});
  }
  return rows;
}

Pipeline::~Pipeline() {
  if (!handle_) return;
  device_.retire(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<uint64_t>(handle_), device_.submitted());
  device_.count_pipeline(-1);
}

}  // namespace forge::vk
