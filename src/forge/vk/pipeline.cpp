#include "forge/vk/pipeline.hpp"

#include <algorithm>
#include <cstring>

namespace forge::vk {

PipelineLayout::PipelineLayout(Device& device, std::span<const DescriptorSlot> slots, uint32_t push_bytes,
                               VkShaderStageFlags push_stages)
    : device_(device), push_stages_(push_stages) {
  try {
    create(slots, push_bytes);
  } catch (...) {
    retire();
    throw;
  }
}

PipelineLayout::~PipelineLayout() { retire(); }

void PipelineLayout::create(std::span<const DescriptorSlot> slots, uint32_t push_bytes) {
  uint32_t set_count = 0;
  for (const DescriptorSlot& slot : slots) set_count = std::max(set_count, slot.set + 1);
  for (uint32_t set = 0; set < set_count; ++set) {
    std::vector<VkDescriptorSetLayoutBinding> rows;
    for (const DescriptorSlot& slot : slots)
      if (slot.set == set) rows.push_back({slot.binding, slot.type, slot.count, slot.stages, nullptr});
    VkDescriptorSetLayoutCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    info.bindingCount = static_cast<uint32_t>(rows.size());
    info.pBindings = rows.data();
    sets_.push_back(VK_NULL_HANDLE);
    FORGE_VK(device_.vk(), vkCreateDescriptorSetLayout, device_.handle(), &info, nullptr, &sets_.back());
  }
  const VkPushConstantRange range{push_stages_, 0, (push_bytes + 3) / 4 * 4};
  VkPipelineLayoutCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  info.setLayoutCount = static_cast<uint32_t>(sets_.size());
  info.pSetLayouts = sets_.data();
  info.pushConstantRangeCount = push_bytes ? 1 : 0;
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

// A shader module only lives while pipelines are made from it.
class Module {
 public:
  Module(Device& device, std::span<const uint32_t> words) : device_(device) {
    VkShaderModuleCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
    info.codeSize = words.size_bytes();
    info.pCode = words.data();
    FORGE_VK(device_.vk(), vkCreateShaderModule, device_.handle(), &info, nullptr, &handle_);
  }
  ~Module() { device_.vk().vkDestroyShaderModule(device_.handle(), handle_, nullptr); }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  VkShaderModule handle() const { return handle_; }

 private:
  Device& device_;
  VkShaderModule handle_ = VK_NULL_HANDLE;
};

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

VkPipelineShaderStageCreateInfo stage_info(const Module& module, const ShaderCode& code) {
  VkPipelineShaderStageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage = code.stage;
  info.module = module.handle();
  info.pName = code.entry.c_str();
  return info;
}

VkPrimitiveTopology topology_of(Topology topology) {
  constexpr VkPrimitiveTopology rows[] = {VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST, VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP,
                                          VK_PRIMITIVE_TOPOLOGY_LINE_LIST, VK_PRIMITIVE_TOPOLOGY_LINE_STRIP,
                                          VK_PRIMITIVE_TOPOLOGY_POINT_LIST};
  return rows[static_cast<size_t>(topology)];
}

VkCullModeFlags cull_of(Cull cull) {
  constexpr VkCullModeFlags rows[] = {VK_CULL_MODE_NONE, VK_CULL_MODE_BACK_BIT, VK_CULL_MODE_FRONT_BIT};
  return rows[static_cast<size_t>(cull)];
}

VkCompareOp compare_of(Compare compare) {
  constexpr VkCompareOp rows[] = {VK_COMPARE_OP_NEVER,
                                  VK_COMPARE_OP_LESS,
                                  VK_COMPARE_OP_LESS_OR_EQUAL,
                                  VK_COMPARE_OP_EQUAL,
                                  VK_COMPARE_OP_GREATER_OR_EQUAL,
                                  VK_COMPARE_OP_GREATER,
                                  VK_COMPARE_OP_ALWAYS};
  return rows[static_cast<size_t>(compare)];
}

VkPipelineColorBlendAttachmentState blend_of(Blend blend) {
  VkPipelineColorBlendAttachmentState state{};
  state.colorWriteMask = 0xF;
  state.blendEnable = blend != Blend::none;
  state.srcColorBlendFactor = blend == Blend::premultiplied ? VK_BLEND_FACTOR_ONE : VK_BLEND_FACTOR_SRC_ALPHA;
  state.dstColorBlendFactor = blend == Blend::add ? VK_BLEND_FACTOR_ONE : VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA;
  state.srcAlphaBlendFactor = VK_BLEND_FACTOR_ONE;
  state.dstAlphaBlendFactor = state.dstColorBlendFactor;
  return state;
}

// The parts of a graphics pipeline's description that Vulkan wants by pointer.
struct GraphicsParts {
  std::vector<VkVertexInputBindingDescription> streams;
  std::vector<VkVertexInputAttributeDescription> attributes;
  std::vector<VkPipelineColorBlendAttachmentState> blends;
  VkPipelineVertexInputStateCreateInfo input{};
  VkPipelineInputAssemblyStateCreateInfo assembly{};
  VkPipelineViewportStateCreateInfo viewport{};
  VkPipelineRasterizationStateCreateInfo raster{};
  VkPipelineMultisampleStateCreateInfo samples{};
  VkPipelineDepthStencilStateCreateInfo depth{};
  VkPipelineColorBlendStateCreateInfo blend{};
  VkPipelineDynamicStateCreateInfo dynamic{};
  VkPipelineRenderingCreateInfo rendering{};

  explicit GraphicsParts(const DrawState& state) {
    describe_input(state);
    describe_raster(state);
    describe_output(state);
  }

  void describe_input(const DrawState& state) {
    for (uint32_t i = 0; i < state.streams.size(); ++i)
      streams.push_back({i, state.streams[i].stride,
                         state.streams[i].per_instance ? VK_VERTEX_INPUT_RATE_INSTANCE : VK_VERTEX_INPUT_RATE_VERTEX});
    for (const VertexAttribute& a : state.attributes) attributes.push_back({a.location, a.stream, a.format, a.offset});
    input.sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO;
    input.vertexBindingDescriptionCount = static_cast<uint32_t>(streams.size());
    input.pVertexBindingDescriptions = streams.data();
    input.vertexAttributeDescriptionCount = static_cast<uint32_t>(attributes.size());
    input.pVertexAttributeDescriptions = attributes.data();
    assembly.sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO;
    assembly.topology = topology_of(state.topology);
  }

  void describe_raster(const DrawState& state) {
    viewport.sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO;
    viewport.viewportCount = viewport.scissorCount = 1;
    raster.sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO;
    raster.polygonMode = state.wireframe ? VK_POLYGON_MODE_LINE : VK_POLYGON_MODE_FILL;
    raster.cullMode = cull_of(state.cull);
    raster.frontFace = state.front_clockwise ? VK_FRONT_FACE_CLOCKWISE : VK_FRONT_FACE_COUNTER_CLOCKWISE;
    raster.depthBiasEnable = state.depth_bias_constant != 0 || state.depth_bias_slope != 0;
    raster.depthBiasConstantFactor = state.depth_bias_constant;
    raster.depthBiasSlopeFactor = state.depth_bias_slope;
    raster.lineWidth = 1;
    samples.sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO;
    samples.rasterizationSamples = state.samples;
    depth.sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO;
    depth.depthTestEnable = state.depth_test;
    depth.depthWriteEnable = state.depth_write;
    depth.depthCompareOp = compare_of(state.depth_compare);
  }

  void describe_output(const DrawState& state) {
    blends.assign(state.color_formats.size(), blend_of(state.blend));
    blend.sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO;
    blend.attachmentCount = static_cast<uint32_t>(blends.size());
    blend.pAttachments = blends.data();
    static constexpr VkDynamicState dynamics[] = {VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR};
    dynamic.sType = VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO;
    dynamic.dynamicStateCount = 2;
    dynamic.pDynamicStates = dynamics;
    rendering.sType = VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO;
    rendering.colorAttachmentCount = static_cast<uint32_t>(state.color_formats.size());
    rendering.pColorAttachmentFormats = state.color_formats.data();
    rendering.depthAttachmentFormat = state.depth_format;
  }
};

}  // namespace

std::shared_ptr<Pipeline> Pipeline::compute(Device& device, const PipelineLayout& layout, const ShaderCode& code,
                                            std::span<const SpecValue> spec, const std::string& label,
                                            bool pin_subgroup, VkPipelineCreateFlags flags) {
  device.check_usable();
  const Module module(device, code.words);
  const Specialization special(spec);
  VkComputePipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.flags = flags;
  info.stage = stage_info(module, code);
  if (!spec.empty()) info.stage.pSpecializationInfo = &special.info;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size{};
  size.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO;
  size.requiredSubgroupSize = device.limits().subgroup_size;
  if (pin_subgroup && device.limits().can_pin_subgroup && device.has("subgroupSizeControl")) info.stage.pNext = &size;
  info.layout = layout.handle();
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, label));
  FORGE_VK(device.vk(), vkCreateComputePipelines, device.handle(), device.pipeline_cache(), 1, &info, nullptr,
           &pipeline->handle_);
  device.count_pipeline(1);
  device.name_object(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<uint64_t>(pipeline->handle_), label);
  return pipeline;
}

std::shared_ptr<Pipeline> Pipeline::graphics(Device& device, const PipelineLayout& layout,
                                             std::span<const ShaderCode> stages, const DrawState& state,
                                             const std::string& label) {
  device.check_usable();
  device.require("dynamicRendering", "rendering");
  std::vector<std::unique_ptr<Module>> modules;
  std::vector<VkPipelineShaderStageCreateInfo> rows;
  for (const ShaderCode& code : stages) {
    modules.push_back(std::make_unique<Module>(device, code.words));
    rows.push_back(stage_info(*modules.back(), code));
  }
  const GraphicsParts parts(state);
  VkGraphicsPipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO;
  info.pNext = &parts.rendering;
  info.stageCount = static_cast<uint32_t>(rows.size());
  info.pStages = rows.data();
  info.pVertexInputState = &parts.input;
  info.pInputAssemblyState = &parts.assembly;
  info.pViewportState = &parts.viewport;
  info.pRasterizationState = &parts.raster;
  info.pMultisampleState = &parts.samples;
  info.pDepthStencilState = &parts.depth;
  info.pColorBlendState = &parts.blend;
  info.pDynamicState = &parts.dynamic;
  info.layout = layout.handle();
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, label));
  FORGE_VK(device.vk(), vkCreateGraphicsPipelines, device.handle(), device.pipeline_cache(), 1, &info, nullptr,
           &pipeline->handle_);
  device.count_pipeline(1);
  device.name_object(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<uint64_t>(pipeline->handle_), label);
  return pipeline;
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
