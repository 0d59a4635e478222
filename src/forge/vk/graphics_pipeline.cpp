// Pipelines that draw: a DrawState in Vulkan's words, and what a device must have for it.
#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/pipeline.hpp"
#include "forge/vk/texel.hpp"

namespace forge::vk {

namespace {

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
                                  VK_COMPARE_OP_ALWAYS,
                                  VK_COMPARE_OP_NOT_EQUAL};
  return rows[static_cast<size_t>(compare)];
}

VkPipelineColorBlendAttachmentState blend_of(const Blend& blend) {
  VkPipelineColorBlendAttachmentState state{};
  state.colorWriteMask = blend.mask;
  state.blendEnable = blend.enabled;
  state.srcColorBlendFactor = blend.color.by_source;
  state.dstColorBlendFactor = blend.color.by_target;
  state.colorBlendOp = blend.color.op;
  state.srcAlphaBlendFactor = blend.alpha.by_source;
  state.dstAlphaBlendFactor = blend.alpha.by_target;
  state.alphaBlendOp = blend.alpha.op;
  return state;
}

VkStencilOpState stencil_of(const StencilFace& face, const Stencil& stencil) {
  return {face.fail,         face.pass,          face.depth_fail,  compare_of(face.compare),
          stencil.read_mask, stencil.write_mask, stencil.reference};
}

bool has_stencil(VkFormat format) {
  return format != VK_FORMAT_UNDEFINED && (format_info(format).aspect & VK_IMAGE_ASPECT_STENCIL_BIT) != 0;
}

void check_lines(const Device& device, const DrawState& state) {
  if (state.line_width == 1) return;
  device.require("wideLines", "lines of another width than 1");
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(device.physical(), &properties);
  const float* range = properties.limits.lineWidthRange;
  if (state.line_width < range[0] || state.line_width > range[1])
    throw Error(ErrorCode::LIMIT_EXCEEDED, "lines of this width on " + device.info().name,
                std::to_string(range[0]) + " to " + std::to_string(range[1]) + " pixels",
                std::to_string(state.line_width), "draw quads, two triangles a line")
        .with("limit", std::to_string(range[1]));
}

void check_inputs(const Device& device, const DrawState& state) {
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(device.physical(), &properties);
  const auto check = [&](uint64_t got, uint32_t most, const char* what) {
    if (got > most)
      throw Error(ErrorCode::LIMIT_EXCEEDED, std::string(what) + " on " + device.info().name,
                  "at most " + std::to_string(most), std::to_string(got),
                  "read them from a storage buffer by gl_VertexIndex")
          .with("limit", std::to_string(most));
  };
  const VkPhysicalDeviceLimits& limits = properties.limits;
  check(state.attributes.size(), limits.maxVertexInputAttributes, "vertex inputs");
  check(state.streams.size(), limits.maxVertexInputBindings, "arrays of vertices");
  for (const VertexStream& stream : state.streams)
    check(stream.stride, limits.maxVertexInputBindingStride, "bytes from vertex to vertex");
  for (const VertexAttribute& attribute : state.attributes)
    check(attribute.offset, limits.maxVertexInputAttributeOffset, "bytes before a vertex's field");
}

const Blend& blend_at(const DrawState& state, size_t attachment) {
  return state.blends.size() == 1 ? state.blends.front() : state.blends.at(attachment);
}

void check_blends(const Device& device, const DrawState& state) {
  for (size_t i = 0; i < state.color_formats.size(); ++i) {
    if (!(blend_at(state, i) == blend_at(state, 0)))
      device.require("independentBlend", "another blending for each attachment");
    if (!blend_at(state, i).enabled ||
        format_supported(device, state.color_formats[i], VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BLEND_BIT))
      continue;
    const TexelRow* texel = find_texel(state.color_formats[i]);
    const std::string name = texel ? std::string(texel->name) : std::to_string(state.color_formats[i]);
    throw Error(ErrorCode::MISSING_FEATURE,
                "attachment " + std::to_string(i) + " cannot be blended: " +
                    (texel && texel->is_integer() ? "integers have no shares" : "the device does not mix " + name),
                "a format that " + device.info().name + " blends", name,
                "draw with blend=\"none\", or choose a format as rgba16f")
        .with("feature", "blending of " + name);
  }
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
    assembly.primitiveRestartEnable = state.primitive_restart;
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
    raster.lineWidth = state.line_width;
    samples.sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO;
    samples.rasterizationSamples = state.samples;
    samples.alphaToCoverageEnable = state.alpha_to_coverage;
    depth.sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO;
    depth.depthTestEnable = state.depth_test;
    depth.depthWriteEnable = state.depth_write;
    depth.depthCompareOp = compare_of(state.depth_compare);
    depth.stencilTestEnable = state.stencil_test;
    depth.front = stencil_of(state.stencil.front, state.stencil);
    depth.back = stencil_of(state.stencil.back, state.stencil);
  }

  void describe_output(const DrawState& state) {
    for (size_t i = 0; i < state.color_formats.size(); ++i) blends.push_back(blend_of(blend_at(state, i)));
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
    if (has_stencil(state.depth_format)) rendering.stencilAttachmentFormat = state.depth_format;
  }
};

}  // namespace

std::shared_ptr<Pipeline> Pipeline::graphics(Device& device, const PipelineLayout& layout,
                                             std::span<const ShaderCode> stages, const DrawState& state,
                                             const std::string& label) {
  device.check_usable();
  device.require("dynamicRendering", "rendering");
  check_lines(device, state);
  check_blends(device, state);
  check_inputs(device, state);
  std::vector<std::unique_ptr<ShaderModule>> modules;
  std::vector<VkPipelineShaderStageCreateInfo> rows;
  for (const ShaderCode& code : stages) {
    modules.push_back(std::make_unique<ShaderModule>(device, code));
    rows.push_back(modules.back()->stage());
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
  const CompilerTurn turn = CompilerTurn::to_make(device);
  FORGE_VK(device.vk(), vkCreateGraphicsPipelines, device.handle(), device.pipeline_cache(), 1, &info, nullptr,
           &pipeline->handle_);
  device.count_pipeline(1);
  device.name_object(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<uint64_t>(pipeline->handle_), label);
  return pipeline;
}

}  // namespace forge::vk
