// Timestamps: scopes that a caller opens, and each command by itself while a profile runs.
#include "forge/vk/commands.hpp"
#include "forge/vk/instance.hpp"

namespace forge::vk {

namespace {
constexpr auto kUntimed = ~0u;

const char* default_name(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images) {
  bool reads = false;
  for (const BufferTouch& touch : buffers) {
    if (touch.usage != Usage::transfer_read && touch.usage != Usage::transfer_write) return "unnamed";
    reads |= touch.usage == Usage::transfer_read;
  }
  if (!images.empty()) return images.front().usage == Usage::transfer_write ? "upload_image" : "read_image";
  if (buffers.size() > 1) return "copy";
  return reads ? "download" : "upload";
}

uint64_t bytes_touched(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images) {
  uint64_t bytes = 0;
  for (const BufferTouch& touch : buffers)
    bytes += touch.buffer.size * (touch.usage == Usage::compute_read_write ? 2 : 1);
  for (const ImageTouch& touch : images) bytes += touch.image->byte_size();
  return bytes;
}
}  // namespace

// The pool and the place in it; queries are reset as they are taken, since slots are used again.
Commands::Stamp Commands::stamp_of(uint32_t index) const {
  return {slot_->query_pools[index / kTimedInPool], index % kTimedInPool * 2};
}

uint32_t Commands::take_stamps(Timed timed) {
  const auto index = static_cast<uint32_t>(slot_->timed.size());
  if (index / kTimedInPool == slot_->query_pools.size()) {
    VkQueryPoolCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
    info.queryType = VK_QUERY_TYPE_TIMESTAMP;
    info.queryCount = kTimedInPool * 2;
    VkQueryPool pool = VK_NULL_HANDLE;
    FORGE_VK(device_->vk(), vkCreateQueryPool, device_->handle(), &info, nullptr, &pool);
    slot_->query_pools.push_back(pool);
  }
  slot_->timed.push_back(std::move(timed));
  const Stamp stamp = stamp_of(index);
  if (lane_ == Lane::main)
    device_->vk().vkCmdResetQueryPool(buffer_, stamp.pool, stamp.query, 2);
  else  // copy engines know no such command; the slot is not in flight
    device_->vk().vkResetQueryPool(device_->handle(), stamp.pool, stamp.query, 2);
  return index;
}

bool Commands::can_stamp() const {
  return device_->limits().timestamp_period_ns != 0 && device_->timestamp_bits(lane_) != 0 &&
         (lane_ == Lane::main || device_->has("hostQueryReset"));
}

void Commands::begin_scope(const std::string& name) {
  if (capture_) return begin_captured_scope(name);
  begin();
  if (device_->labels()) {
    VkDebugUtilsLabelEXT label{};
    label.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT;
    label.pLabelName = name.c_str();
    vkCmdBeginDebugUtilsLabelEXT(buffer_, &label);
  }
  if (!can_stamp()) return open_scopes_.push_back(kUntimed);
  const uint32_t index = take_stamps({.name = name});
  open_scopes_.push_back(index);
  const Stamp stamp = stamp_of(index);
  stamp_begin(stamp.pool, stamp.query);
}

void Commands::stamp_begin(VkQueryPool queries, uint32_t index) {
  device_->vk().vkCmdWriteTimestamp(buffer_, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, queries, index);
  // Waits for nothing. Lavapipe keeps a timestamp back until something is flushed, which a barrier does: without it,
  // kernels that follow a draw run before their scope begins.
  device_->vk().vkCmdPipelineBarrier(buffer_, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT,
                                     0, 0, nullptr, 0, nullptr, 0, nullptr);
}

void Commands::stamp_end(VkQueryPool queries, uint32_t index) {
  device_->vk().vkCmdWriteTimestamp(buffer_, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, index);
}

void Commands::end_scope() {
  if (capture_) return end_captured_scope();
  FORGE_ASSERT(!open_scopes_.empty());
  const uint32_t index = open_scopes_.back();
  open_scopes_.pop_back();
  if (!buffer_) return;
  if (device_->labels()) vkCmdEndDebugUtilsLabelEXT(buffer_);
  if (index == kUntimed) return;
  const Stamp stamp = stamp_of(index);
  stamp_end(stamp.pool, stamp.query + 1);
}

// Only while somebody watches. A profiled command stands alone between its timestamps: what came before has ended.
void Commands::note_command(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images) {
  const uint64_t bytes = bytes_touched(buffers, images);
  ++slot_->note.commands;
  slot_->note.bytes += bytes;
  const double flops = std::exchange(flops_, 0);
  if (!slot_->profile || !can_stamp()) return;
  timing_ = take_stamps({default_name(buffers, images), true, bytes, flops});
  const Stamp stamp = stamp_of(timing_);
  stamp_end(stamp.pool, stamp.query);
  constexpr VkPipelineStageFlags all = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  device_->vk().vkCmdPipelineBarrier(buffer_, all, all, 0, 0, nullptr, 0, nullptr, 0, nullptr);
}

void Commands::name_command(std::string_view name) {
  if (timing_ != kUntimed && !name.empty()) slot_->timed[timing_].name = name;
}

void Commands::end_command() {
  const Stamp stamp = stamp_of(std::exchange(timing_, kUntimed));
  stamp_end(stamp.pool, stamp.query + 1);
}

}  // namespace forge::vk
