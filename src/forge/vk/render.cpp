// Render passes: every resource of a pass is declared at once, since no barrier may stand inside it.
#include "forge/vk/work.hpp"

namespace forge::vk {

namespace {

VkRenderingAttachmentInfo attachment_info(const Attachment& attachment, VkImageLayout layout) {
  VkRenderingAttachmentInfo info{};
  info.sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO;
  info.imageView = attachment.image->view();
  info.imageLayout = layout;
  info.loadOp = attachment.clear ? VK_ATTACHMENT_LOAD_OP_CLEAR : VK_ATTACHMENT_LOAD_OP_LOAD;
  info.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
  if (attachment.clear) info.clearValue = *attachment.clear;
  if (attachment.resolve) {
    // Depths between two surfaces are nowhere: depth takes one sample, which every device can.
    const bool color = layout == VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    info.resolveMode = color ? VK_RESOLVE_MODE_AVERAGE_BIT : VK_RESOLVE_MODE_SAMPLE_ZERO_BIT;
    info.resolveImageView = attachment.resolve->view();
    info.resolveImageLayout = layout;
  }
  return info;
}

void touch_depth(const Attachment& depth, Touches& touches) {
  if (!depth.resolve) {
    touches.images.push_back({depth.image, depth.read_only ? Usage::depth_read : Usage::depth_attachment});
    return;
  }
  touches.images.push_back({depth.image, Usage::depth_resolve});
  touches.images.push_back({depth.resolve, Usage::depth_resolve});
}

// Without multiDrawIndirect one row a call; the same picture either way.
void draw_indirect(const VolkDeviceTable& vk, VkCommandBuffer commands, const DrawCall& call, bool several) {
  const VkBuffer rows = call.indirect->buffer->handle();
  const uint32_t bytes = call.indices ? sizeof(VkDrawIndexedIndirectCommand) : sizeof(VkDrawIndirectCommand);
  const uint32_t at_once = several ? call.indirect_count : 1;
  for (uint32_t row = 0; row < call.indirect_count; row += at_once) {
    const VkDeviceSize offset = call.indirect->buffer->origin() + call.indirect->offset + uint64_t{row} * bytes;
    if (call.indices)
      vk.vkCmdDrawIndexedIndirect(commands, rows, offset, at_once, bytes);
    else
      vk.vkCmdDrawIndirect(commands, rows, offset, at_once, bytes);
  }
}

}  // namespace

Touches touches_of(const RenderPass& pass) {
  Touches touches;
  for (const DrawCall& draw : pass.draws) {
    touches.buffers.insert(touches.buffers.end(), draw.buffers.begin(), draw.buffers.end());
    touches.images.insert(touches.images.end(), draw.images.begin(), draw.images.end());
    for (const BufferRef& stream : draw.vertex_streams) touches.buffers.push_back({stream, Usage::vertex_input});
    if (draw.indices) touches.buffers.push_back({*draw.indices, Usage::index_input});
    if (draw.indirect) touches.buffers.push_back({*draw.indirect, Usage::indirect_input});
  }
  for (const Attachment& color : pass.colors) {
    touches.images.push_back({color.image, Usage::color_attachment});
    if (color.resolve) touches.images.push_back({color.resolve, Usage::resolve_target});
  }
  if (pass.depth) touch_depth(*pass.depth, touches);
  return touches;
}

void Commands::render(const RenderPass& pass) {
  device_->require("dynamicRendering", "rendering");
  if (capture_) return capture_->add(pass);
  begin();
  if (!planned_) {
    const Touches touches = touches_of(pass);
    barrier_for(touches.buffers, touches.images);
  }

  std::vector<VkRenderingAttachmentInfo> colors;
  for (const Attachment& color : pass.colors)
    colors.push_back(attachment_info(color, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL));
  VkRenderingAttachmentInfo depth{};
  VkRenderingInfo info{};
  info.sType = VK_STRUCTURE_TYPE_RENDERING_INFO;
  info.renderArea = {{0, 0}, {pass.width, pass.height}};
  info.layerCount = 1;
  info.colorAttachmentCount = static_cast<uint32_t>(colors.size());
  info.pColorAttachments = colors.data();
  if (pass.depth) {
    depth = attachment_info(*pass.depth, pass.depth->read_only ? VK_IMAGE_LAYOUT_DEPTH_STENCIL_READ_ONLY_OPTIMAL
                                                               : VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL);
    info.pDepthAttachment = &depth;
    if (format_info(pass.depth->image->spec().format).aspect & VK_IMAGE_ASPECT_STENCIL_BIT)
      info.pStencilAttachment = &depth;
  }
  const VolkDeviceTable& vk = device_->vk();
  vk.vkCmdBeginRendering(buffer_, &info);
  // Turned over: y points up in clip space, as in every camera matrix, and counter-clockwise stays so on the picture.
  const auto height = static_cast<float>(pass.height);
  const VkViewport viewport{0, height, static_cast<float>(pass.width), -height, 0, 1};
  vk.vkCmdSetViewport(buffer_, 0, 1, &viewport);
  vk.vkCmdSetScissor(buffer_, 0, 1, &info.renderArea);
  for (const DrawCall& call : pass.draws) draw(call);
  vk.vkCmdEndRendering(buffer_);
  after_command();
}

void Commands::draw(const DrawCall& call) {
  const VolkDeviceTable& vk = device_->vk();
  bind(call.pipeline, VK_PIPELINE_BIND_POINT_GRAPHICS);
  bind_descriptors(call.pipeline, call.descriptors, VK_PIPELINE_BIND_POINT_GRAPHICS);
  if (!call.push.empty())
    vk.vkCmdPushConstants(buffer_, call.pipeline.layout, call.pipeline.push_stages, 0,
                          static_cast<uint32_t>(call.push.size()), call.push.data());
  for (uint32_t slot = 0; slot < call.vertex_streams.size(); ++slot) {
    const BufferRef& stream = call.vertex_streams[slot];
    const VkBuffer handle = stream.buffer->handle();
    const VkDeviceSize offset = stream.buffer->origin() + stream.offset;
    vk.vkCmdBindVertexBuffers(buffer_, slot, 1, &handle, &offset);
  }
  if (call.indices)
    vk.vkCmdBindIndexBuffer(buffer_, call.indices->buffer->handle(),
                            call.indices->buffer->origin() + call.indices->offset, call.index_type);
  if (call.indirect) {
    draw_indirect(vk, buffer_, call, device_->has("multiDrawIndirect"));
  } else if (call.indices) {
    vk.vkCmdDrawIndexed(buffer_, call.count, call.instances, 0, 0, 0);
  } else {
    vk.vkCmdDraw(buffer_, call.count, call.instances, 0, 0);
  }
}

}  // namespace forge::vk
