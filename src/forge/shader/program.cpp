#include "forge/shader/program.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace forge::shader {

namespace {

VkShaderStageFlagBits stage_bit(Stage stage) {
  constexpr VkShaderStageFlagBits rows[] = {VK_SHADER_STAGE_COMPUTE_BIT, VK_SHADER_STAGE_VERTEX_BIT,
                                            VK_SHADER_STAGE_FRAGMENT_BIT};
  return rows[static_cast<size_t>(stage)];
}

// SPIR-V capabilities that stand for a device feature (numbers: the SPIR-V registry).
struct CapabilityRow {
  uint32_t capability;
  const char* name;
  const char* feature;
};
constexpr CapabilityRow kCapabilities[] = {
    {9, "Float16", "shaderFloat16"},
    {10, "Float64", "shaderFloat64"},
    {11, "Int64", "shaderInt64"},
    {12, "Int64Atomics", "shaderBufferInt64Atomics"},
    {22, "Int16", "shaderInt16"},
    {2, "Geometry", "geometryShader"},
    {35, "SampleRateShading", "sampleRateShading"},
    {39, "Int8", "shaderInt8"},
    {5301, "ShaderNonUniform", "descriptorIndexing"},
    {49, "StorageImageExtendedFormats", "shaderStorageImageExtendedFormats"},
    {55, "StorageImageReadWithoutFormat", "shaderStorageImageReadWithoutFormat"},
    {56, "StorageImageWriteWithoutFormat", "shaderStorageImageWriteWithoutFormat"},
    {4427, "DrawParameters", "shaderDrawParameters"},
    {4433, "StorageBuffer16BitAccess", "storageBuffer16BitAccess"},
    {4434, "UniformAndStorageBuffer16BitAccess", "uniformAndStorageBuffer16BitAccess"},
    {4435, "StoragePushConstant16", "storagePushConstant16"},
    {4441, "VariablePointersStorageBuffer", "variablePointersStorageBuffer"},
    {4442, "VariablePointers", "variablePointers"},
    {4448, "StorageBuffer8BitAccess", "storageBuffer8BitAccess"},
    {4449, "UniformAndStorageBuffer8BitAccess", "uniformAndStorageBuffer8BitAccess"},
    {4450, "StoragePushConstant8", "storagePushConstant8"},
    {5302, "RuntimeDescriptorArray", "runtimeDescriptorArray"},
    {5345, "VulkanMemoryModel", "vulkanMemoryModel"},
    {6022, "CooperativeMatrixKHR", "cooperativeMatrix"},
    {6033, "AtomicFloat32AddEXT", "shaderBufferFloat32AtomicAdd"},
};

// Subgroup operations a module may ask for, as VkSubgroupFeatureFlagBits.
struct SubgroupRow {
  uint32_t capability;
  uint32_t bit;
  const char* name;
};
constexpr SubgroupRow kSubgroup[] = {
    {61, 1, "basic"},      {62, 2, "vote"},     {63, 4, "arithmetic"},
    {64, 8, "ballot"},     {65, 16, "shuffle"}, {66, 32, "shuffle relative"},
    {67, 64, "clustered"}, {68, 128, "quad"},
};

std::vector<Program::Source> reflected(std::span<const EmbeddedModule> modules) {
  std::vector<Program::Source> sources;
  for (const EmbeddedModule& module : modules)
    sources.push_back({Words(module.words.begin(), module.words.end()), reflect(module.words)});
  return sources;
}

std::vector<vk::DescriptorSlot> slots_of(const std::vector<Program::Source>& stages) {
  std::vector<vk::DescriptorSlot> slots;
  for (const auto& stage : stages)
    for (const Binding& binding : stage.reflection.bindings) {
      const auto same = std::find_if(slots.begin(), slots.end(), [&](const vk::DescriptorSlot& slot) {
        return slot.set == binding.set && slot.binding == binding.binding;
      });
      const VkShaderStageFlags bit = stage_bit(stage.reflection.stage);
      if (same != slots.end())
        same->stages |= bit;
      else
        slots.push_back(
            {binding.set, binding.binding, std::max(binding.count, 1u), descriptor_type(binding.kind), bit});
    }
  return slots;
}

// Drivers set memory aside for every number up to the highest: one beyond this is a mistake or a damaged module.
constexpr uint32_t kMostBindingNumber = 4095;

struct DescriptorRow {
  VkDescriptorType type;
  const char* name;
  uint32_t vk::Limits::* most;
};
constexpr DescriptorRow kDescriptorRows[] = {
    {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, "storage buffers", &vk::Limits::max_stage_storage_buffers},
    {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, "uniform buffers", &vk::Limits::max_stage_uniform_buffers},
    {VK_DESCRIPTOR_TYPE_SAMPLER, "samplers", &vk::Limits::max_stage_samplers},
    {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, "samplers", &vk::Limits::max_stage_samplers},
    {VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE, "sampled images", &vk::Limits::max_stage_sampled_images},
    {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, "sampled images", &vk::Limits::max_stage_sampled_images},
    {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, "storage images", &vk::Limits::max_stage_storage_images},
    {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, "storage images", &vk::Limits::max_stage_storage_images},
};

[[noreturn]] void beyond_limit(const std::string& what, uint64_t most, const std::string& unit, uint64_t got,
                               const std::string& mend) {
  throw Error(ErrorCode::LIMIT_EXCEEDED, what, "at most " + std::to_string(most) + unit, std::to_string(got) + unit,
              mend)
      .with("limit", std::to_string(most));
}

}  // namespace

VkDescriptorType descriptor_type(BindingKind kind) {
  switch (kind) {
    case BindingKind::storage_buffer: return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    case BindingKind::uniform_buffer: return VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
    case BindingKind::combined_image: return VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    case BindingKind::sampled_image: return VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE;
    case BindingKind::sampler: return VK_DESCRIPTOR_TYPE_SAMPLER;
    case BindingKind::storage_image: return VK_DESCRIPTOR_TYPE_STORAGE_IMAGE;
    case BindingKind::texel_buffer: return VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
    case BindingKind::storage_texel_buffer: return VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER;
  }
  return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

vk::Usage compute_usage(Access access) {
  if (access == Access::read) return vk::Usage::compute_read;
  return access == Access::write ? vk::Usage::compute_write : vk::Usage::compute_read_write;
}

Program::Program(vk::Device& device, std::vector<Source> stages, std::string name)
    : device_(device), stages_(std::move(stages)), name_(std::move(name)), slots_(slots_of(stages_)) {
  check_stages();
  check_slots();
  uint32_t push_bytes = 0;
  VkShaderStageFlags push_stages = 0;
  for (const Source& stage : stages_)
    if (stage.reflection.push) {
      push_bytes = std::max(push_bytes, stage.reflection.push->size);
      push_stages |= stage_bit(stage.reflection.stage);
    }
  if (push_bytes > device_.limits().max_push_bytes)
    beyond_limit("too many push constants in " + name_, device_.limits().max_push_bytes, " bytes", push_bytes,
                 "move some into a uniform or storage buffer");
  for (const Source& stage : stages_)
    if (stage.reflection.shared_bytes > device_.limits().max_shared_bytes)
      beyond_limit("too much shared memory in " + name_, device_.limits().max_shared_bytes, " bytes",
                   stage.reflection.shared_bytes, "use smaller tiles, or a storage buffer");
  layout_ = std::make_shared<vk::PipelineLayout>(device_, slots_, push_bytes, push_stages);
}

Program::Program(vk::Device& device, std::span<const EmbeddedModule> modules)
    : Program(device, reflected(modules), std::string(modules.front().name)) {}

void Program::check_stages() const {
  for (const Source& stage : stages_) {
    const std::vector<uint32_t>& wanted = stage.reflection.capabilities;
    const auto wants = [&](uint32_t capability) {
      return std::find(wanted.begin(), wanted.end(), capability) != wanted.end();
    };
    for (const CapabilityRow& row : kCapabilities)
      if (wants(row.capability) && device_.info().features.contains(row.feature))
        device_.require(row.feature, "shader " + name_ + " (" + row.name + ")");
    for (const SubgroupRow& row : kSubgroup)
      if (wants(row.capability) && !(device_.limits().subgroup_operations & row.bit))
        throw Error(ErrorCode::MISSING_FEATURE, "shader " + name_ + " needs subgroup operations that the device lacks",
                    row.name, device_.info().name, "choose another device, or another algorithm");
  }
}

// Before a layout is asked of the driver: some drivers do not survive a number out of range.
void Program::check_slots() const {
  const vk::Limits& limits = device_.limits();
  std::map<std::string_view, uint64_t> counts;
  for (const vk::DescriptorSlot& slot : slots_) {
    if (slot.set >= limits.max_bound_sets)
      beyond_limit("a descriptor set of " + name_ + " is out of range", limits.max_bound_sets, " sets",
                   uint64_t{slot.set} + 1, "number sets from 0");
    if (slot.binding > kMostBindingNumber)
      beyond_limit("a binding number of " + name_ + " is out of range", kMostBindingNumber, "", slot.binding,
                   "number bindings from 0");
    for (const DescriptorRow& row : kDescriptorRows) {
      if (row.type != slot.type) continue;
      const uint64_t count = counts[row.name] += slot.count;
      if (count > limits.*row.most)
        beyond_limit("too many descriptors in " + name_, limits.*row.most, std::string(" ") + row.name, count,
                     "use fewer, or reach buffers by address (buffer_reference)");
    }
  }
}

std::array<uint32_t, 3> Program::workgroup(std::span<const vk::SpecValue> spec) const {
  std::array<uint32_t, 3> size = stages_.front().reflection.workgroup;
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto id = stages_.front().reflection.workgroup_spec[axis];
    if (!id) continue;
    for (const vk::SpecValue& value : spec)
      if (value.id == *id) size[axis] = static_cast<uint32_t>(value.bits);
  }
  return size;
}

VkDescriptorType Program::descriptor_type(uint32_t set, uint32_t binding) const {
  for (const vk::DescriptorSlot& slot : slots_)
    if (slot.set == set && slot.binding == binding) return slot.type;
  FORGE_ASSERT(!"a binding that the program has");
  return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

vk::PipelineRef Program::as_ref(std::shared_ptr<vk::Pipeline> pipeline) const {
  using Held = std::pair<std::shared_ptr<vk::Pipeline>, std::shared_ptr<vk::PipelineLayout>>;
  const VkPipeline handle = pipeline->handle();
  const std::string_view label = pipeline->label();
  return {handle,
          layout_->handle(),
          layout_->sets(),
          layout_->push_stages(),
          std::make_shared<Held>(std::move(pipeline), layout_),
          label};
}

vk::PipelineRef Program::compute(std::span<const vk::SpecValue> spec) {
  const auto size = workgroup(spec);
  const auto& limits = device_.limits();
  const uint64_t invocations = uint64_t{size[0]} * size[1] * size[2];
  if (invocations > limits.max_invocations || invocations == 0)
    beyond_limit("the workgroup of " + name_ + " does not fit the device", limits.max_invocations, " invocations",
                 invocations, "choose a smaller local_size");
  for (size_t axis = 0; axis < 3; ++axis)
    if (size[axis] > limits.max_workgroup[axis])
      beyond_limit("the workgroup of " + name_ + " does not fit the device", limits.max_workgroup[axis],
                   " along axis " + std::to_string(axis), size[axis], "choose a smaller local_size");
  std::string key;
  for (const vk::SpecValue& value : spec) key += std::to_string(value.id) + "=" + std::to_string(value.bits) + ";";
  const std::lock_guard lock(mutex_);
  vk::PipelineRef& pipeline = pipelines_[key];
  if (!pipeline.pipeline)
    pipeline = as_ref(vk::Pipeline::compute(
        device_, *layout_, {VK_SHADER_STAGE_COMPUTE_BIT, stages_.front().words, stages_.front().reflection.entry}, spec,
        name_, pin_subgroup_));
  return pipeline;
}

std::vector<vk::PipelineStatistic> Program::statistics(std::span<const vk::SpecValue> spec) const {
  if (!device_.has("pipelineExecutableInfo")) return {};
  return vk::Pipeline::compute(device_, *layout_,
                               {VK_SHADER_STAGE_COMPUTE_BIT, stages_.front().words, stages_.front().reflection.entry},
                               spec, name_, pin_subgroup_, VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR)
      ->statistics();
}

vk::PipelineRef Program::graphics(const std::string& key, const vk::DrawState& state) {
  const std::lock_guard lock(mutex_);
  vk::PipelineRef& pipeline = pipelines_[key];
  if (!pipeline.pipeline) {
    std::vector<vk::ShaderCode> codes;
    for (const Source& stage : stages_)
      codes.push_back({stage_bit(stage.reflection.stage), stage.words, stage.reflection.entry});
    pipeline = as_ref(vk::Pipeline::graphics(device_, *layout_, codes, state, name_));
  }
  return pipeline;
}

}  // namespace forge::shader
