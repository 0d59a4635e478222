#include "forge/shader/program.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "forge/shader/spirv_shared.hpp"
#include "forge/shader/stages.hpp"

namespace forge::shader {

namespace {

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
    {28, "UniformBufferArrayDynamicIndexing", "shaderUniformBufferArrayDynamicIndexing"},
    {29, "SampledImageArrayDynamicIndexing", "shaderSampledImageArrayDynamicIndexing"},
    {30, "StorageBufferArrayDynamicIndexing", "shaderStorageBufferArrayDynamicIndexing"},
    {31, "StorageImageArrayDynamicIndexing", "shaderStorageImageArrayDynamicIndexing"},
    {35, "SampleRateShading", "sampleRateShading"},
    {39, "Int8", "shaderInt8"},
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
    {5306, "UniformBufferArrayNonUniformIndexing", "shaderUniformBufferArrayNonUniformIndexing"},
    {5307, "SampledImageArrayNonUniformIndexing", "shaderSampledImageArrayNonUniformIndexing"},
    {5308, "StorageBufferArrayNonUniformIndexing", "shaderStorageBufferArrayNonUniformIndexing"},
    {5309, "StorageImageArrayNonUniformIndexing", "shaderStorageImageArrayNonUniformIndexing"},
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

// What a device must have where elements are chosen while a shader runs; compilers declare no capability for it.
const char* indexing_feature(BindingKind kind) {
  switch (kind) {
    case BindingKind::storage_buffer: return "shaderStorageBufferArrayDynamicIndexing";
    case BindingKind::uniform_buffer: return "shaderUniformBufferArrayDynamicIndexing";
    case BindingKind::storage_image: return "shaderStorageImageArrayDynamicIndexing";
    default: return "shaderSampledImageArrayDynamicIndexing";
  }
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
    {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, "sampled images", &vk::Limits::max_stage_sampled_images},
    {VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE, "sampled images", &vk::Limits::max_stage_sampled_images},
    {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, "sampled images", &vk::Limits::max_stage_sampled_images},
    {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, "storage images", &vk::Limits::max_stage_storage_images},
    {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, "storage images", &vk::Limits::max_stage_storage_images},
};

struct Excess {
  const char* what;
  uint64_t count;
  uint32_t most;
};

// The first kind of which a stage has more descriptors than the device allows.
std::optional<Excess> excess_of(std::span<const vk::DescriptorSlot> slots, const vk::Limits& limits) {
  std::map<std::string_view, uint64_t> counts;
  uint64_t all = 0;
  for (const vk::DescriptorSlot& slot : slots) {
    for (const DescriptorRow& row : kDescriptorRows) {
      if (row.type != slot.type) continue;
      const uint64_t count = counts[row.name] += slot.count;
      if (count > limits.*row.most) return Excess{row.name, count, limits.*row.most};
    }
    all += slot.count;
  }
  if (all > limits.max_stage_resources) return Excess{"resources", all, limits.max_stage_resources};
  return std::nullopt;
}

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
  check_numbers();
  for (const Source& stage : stages_)
    if (stage.reflection.spec_constants.empty()) refuse_shared(stage.reflection.shared_bytes);
  varies_ = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.count_spec || slot.open; });
  if (!varies_) layout_for(sized({}, {}));
}

Program::Program(vk::Device& device, std::span<const EmbeddedModule> modules)
    : Program(device, reflected(modules), std::string(modules.front().name)) {}

void Program::refuse_shared(uint64_t bytes) const {
  if (bytes > device_.limits().max_shared_bytes)
    beyond_limit("too much shared memory in " + name_, device_.limits().max_shared_bytes, " bytes", bytes,
                 "use smaller tiles, or a storage buffer");
}

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
    check_indexing(stage.reflection);
  }
}

void Program::check_indexing(const Reflection& stage) const {
  for (const Binding& binding : stage.bindings)
    if (binding.array_depth > 0 && binding.indexed)
      device_.require(indexing_feature(binding.kind),
                      "shader " + name_ + " (" + binding.name + "[] with an index that is no constant)");
}

std::vector<Program::Slot> Program::slots_of(const std::vector<Source>& stages) {
  std::vector<Slot> slots;
  for (const Source& stage : stages)
    for (const Binding& binding : stage.reflection.bindings) {
      const auto same = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) {
        return slot.slot.set == binding.set && slot.slot.binding == binding.binding;
      });
      const VkShaderStageFlags bit = stage_bit(stage.reflection.stage);
      if (same != slots.end()) {
        same->slot.stages |= bit;
        continue;
      }
      const vk::DescriptorSlot slot{binding.set, binding.binding, std::max(binding.count, 1u),
                                    shader::descriptor_type(binding.kind), bit};
      slots.push_back({slot, binding.count_spec, binding.count == 0});
    }
  return slots;
}

// Before a layout is asked of the driver: some drivers do not survive a number out of range.
void Program::check_numbers() const {
  const vk::Limits& limits = device_.limits();
  for (const auto& [slot, spec, open] : slots_) {
    if (slot.set >= limits.max_bound_sets)
      beyond_limit("a descriptor set of " + name_ + " is out of range", limits.max_bound_sets, " sets",
                   uint64_t{slot.set} + 1, "number sets from 0");
    if (slot.binding > kMostBindingNumber)
      beyond_limit("a binding number of " + name_ + " is out of range", kMostBindingNumber, "", slot.binding,
                   "number bindings from 0");
  }
}

uint32_t Program::count(const Binding& binding, std::span<const vk::SpecValue> spec) const {
  for (const vk::SpecValue& value : spec)
    if (binding.count_spec == value.id) return static_cast<uint32_t>(std::min<uint64_t>(value.bits, UINT32_MAX));
  return binding.count;
}

std::vector<vk::DescriptorSlot> Program::sized(std::span<const vk::SpecValue> spec, std::span<const Room> room) const {
  std::vector<vk::DescriptorSlot> slots;
  for (const Slot& slot : slots_) {
    vk::DescriptorSlot& one = slots.emplace_back(slot.slot);
    for (const vk::SpecValue& value : spec)
      if (slot.count_spec == value.id) one.count = static_cast<uint32_t>(std::min<uint64_t>(value.bits, UINT32_MAX));
    for (const Room& given : room)
      if (slot.open && given.set == one.set && given.binding == one.binding) one.count = given.count;
  }
  return slots;
}

bool Program::fits(std::span<const vk::SpecValue> spec, std::span<const Room> room) const {
  return !excess_of(sized(spec, room), device_.limits());
}

void Program::check_counts(std::span<const vk::DescriptorSlot> slots) const {
  for (const vk::DescriptorSlot& slot : slots)
    if (slot.count == 0)
      throw Error(ErrorCode::INVALID_ARGUMENT, "an array of descriptors of " + name_ + " has no elements",
                  "a constant of 1 or more", "0");
  if (const auto excess = excess_of(slots, device_.limits()))
    beyond_limit("too many descriptors in " + name_, excess->most, std::string(" ") + excess->what, excess->count,
                 "use fewer, or reach buffers by address (buffer_reference)");
}

std::shared_ptr<vk::PipelineLayout> Program::layout_for(std::span<const vk::DescriptorSlot> slots) const {
  std::vector<uint32_t> counts;
  for (const vk::DescriptorSlot& slot : slots) counts.push_back(slot.count);
  const std::lock_guard lock(layouts_mutex_);
  std::shared_ptr<vk::PipelineLayout>& layout = layouts_[counts];
  if (layout) return layout;
  check_counts(slots);
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
  return layout = std::make_shared<vk::PipelineLayout>(device_, slots, push_bytes, push_stages);
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
  for (const Slot& slot : slots_)
    if (slot.slot.set == set && slot.slot.binding == binding) return slot.slot.type;
  FORGE_ASSERT(!"a binding that the program has");
  return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

vk::PipelineRef Program::as_ref(std::shared_ptr<vk::Pipeline> pipeline,
                                std::shared_ptr<vk::PipelineLayout> layout) const {
  using Held = std::pair<std::shared_ptr<vk::Pipeline>, std::shared_ptr<vk::PipelineLayout>>;
  const VkPipelineLayout layout_handle = layout->handle();
  const auto sets = layout->sets();
  const VkShaderStageFlags push_stages = layout->push_stages();
  const std::string_view label = pipeline->label();
  const vk::Pipeline* const made = pipeline.get();
  return {made, layout_handle, sets, push_stages, std::make_shared<Held>(std::move(pipeline), std::move(layout)),
          label};
}

uint64_t Program::shared_bytes(std::span<const vk::SpecValue> spec) const {
  const Source& stage = stages_.front();
  if (stage.reflection.shared_bytes == 0 || spec.empty()) return stage.reflection.shared_bytes;
  std::map<uint32_t, uint32_t> values;
  for (const vk::SpecValue& value : spec) values[value.id] = static_cast<uint32_t>(value.bits);
  return spirv::shared_bytes(spirv::Module(stage.words, std::move(values)));
}

vk::PipelineRef Program::compute(std::span<const vk::SpecValue> spec, std::span<const Room> room) {
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
  for (const Room& given : room) key += "[" + std::to_string(given.count) + "]";  // always of the same arrays
  const std::lock_guard lock(mutex_);
  if (const auto known = pipelines_.find(key); known != pipelines_.end() && !known->second.pipeline->failed())
    return known->second;
  refuse_shared(shared_bytes(spec));
  auto layout = layout_for(sized(spec, room));
  auto pipeline = vk::Pipeline::compute_ahead(
      device_, layout, {VK_SHADER_STAGE_COMPUTE_BIT, stages_.front().words, stages_.front().reflection.entry}, spec,
      name_, pin_subgroup_);
  return pipelines_[key] = as_ref(std::move(pipeline), std::move(layout));
}

std::vector<vk::PipelineStatistic> Program::statistics(std::span<const vk::SpecValue> spec) const {
  if (!device_.has("pipelineExecutableInfo")) return {};
  return vk::Pipeline::compute(device_, *layout_for(sized(spec, {})),
                               {VK_SHADER_STAGE_COMPUTE_BIT, stages_.front().words, stages_.front().reflection.entry},
                               spec, name_, pin_subgroup_, VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR)
      ->statistics();
}

vk::PipelineRef Program::graphics(const std::string& named, const vk::DrawState& state, std::span<const Room> room) {
  std::string key = named;
  for (const Room& given : room) key += "[" + std::to_string(given.count) + "]";  // always of the same arrays
  const std::lock_guard lock(mutex_);
  if (const auto known = pipelines_.find(key); known != pipelines_.end()) return known->second;
  std::vector<vk::ShaderCode> codes;
  for (const Source& stage : stages_)
    codes.push_back({stage_bit(stage.reflection.stage), stage.words, stage.reflection.entry});
  auto layout = layout_for(sized({}, room));
  auto made = vk::Pipeline::graphics(device_, *layout, codes, state, name_);
  return pipelines_[key] = as_ref(std::move(made), std::move(layout));
}

}  // namespace forge::shader
