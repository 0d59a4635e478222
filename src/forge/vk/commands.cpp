#include "forge/vk/commands.hpp"

#include <algorithm>

#include "forge/vk/instance.hpp"
#include "forge/vk/pipeline.hpp"
#include "forge/vk/same_memory.hpp"
#include "forge/vk/work.hpp"

namespace forge::vk {

namespace {
// Recorded commands after which an idle device is given what is there. Large enough that a submission (10 us) is noise.
constexpr size_t kEarlyAfter = 64;
constexpr VkPipelineStageFlags kAllStages = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
constexpr VkAccessFlags kAnyAccess = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;

// Here, where every command passes: a driver given another device's handle does as it likes.
void refuse_foreign(const Device& mine, const Device& its) {
  if (&mine != &its)
    throw Error(ErrorCode::INVALID_ARGUMENT, "memory of another device in a recording", "memory on " + mine.info().name,
                "memory on " + its.info().name + (mine.info().name == its.info().name ? ", opened apart" : ""),
                "make both on the same vf.Device");
}
}  // namespace

Commands::Commands(std::shared_ptr<Device> device, Sending sending, Lane lane)
    : device_(std::move(device)), sending_(sending), lane_(device_->lanes() > 1 ? lane : Lane::main) {
  device_->check_usable();
}

Commands::~Commands() { abandon(); }

// Forgets what was recorded and not submitted.
void Commands::abandon() {
  for (const auto& image : first_uses_) image->unclaim_first_use();
  first_uses_.clear();
  buffers_.clear();
  images_.clear();
  tracker_.clear();
  open_scopes_.clear();
  timing_ = ~0u;
  buffer_ = VK_NULL_HANDLE;
  bound_ = VK_NULL_HANDLE;
  recorded_ = 0;
  if (slot_) device_->give_slot(std::move(slot_));
  keepalives_.clear();
}

// A recording opens with one full barrier: whatever earlier submissions wrote is there, and what they read may be
// overwritten. Within the recording every barrier is exact.
void Commands::begin() {
  if (slot_) return;
  slot_ = device_->take_slot(lane_);
  open(0);
}

void Commands::open(VkCommandBufferUsageFlags flags) {
  buffer_ = slot_->commands;
  VkCommandBufferBeginInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  info.flags = flags;
  try {
    FORGE_VK(device_->vk(), vkBeginCommandBuffer, buffer_, &info);
  } catch (...) {
    abandon();
    throw;
  }
  VkMemoryBarrier everything{};
  everything.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  everything.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
  everything.dstAccessMask = kAnyAccess;
  device_->vk().vkCmdPipelineBarrier(buffer_, kAllStages, kAllStages, 0, 1, &everything, 0, nullptr, 0, nullptr);
}

// Images go home, and what was written becomes visible to the host.
void Commands::end() {
  std::vector<Transition> homes;
  for (const auto& [id, used] : images_) homes.push_back({id, {}, used.image->spec().home});
  if (!planned_) emit(tracker_.finish(homes));
  VkMemoryBarrier to_host{};
  to_host.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  to_host.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
  to_host.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
  device_->vk().vkCmdPipelineBarrier(buffer_, kAllStages, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &to_host, 0, nullptr, 0,
                                     nullptr);
  FORGE_VK(device_->vk(), vkEndCommandBuffer, buffer_);
  buffer_ = VK_NULL_HANDLE;
  bound_ = VK_NULL_HANDLE;
  recorded_ = 0;
  tracker_.clear();
}

void Commands::note_buffer(const BufferRef& ref, bool writes) {
  UsedBuffer& used = buffers_[ref.buffer->id()];
  if (!used.buffer) used.buffer = ref.buffer;
  (writes ? used.written : used.read) = true;
  if (writes) ref.buffer->before_write();
}

void Commands::note_image(const std::shared_ptr<Image>& image, bool writes) {
  FORGE_ASSERT(lane_ == Lane::main);  // images are not shared between families
  const auto [used, first] = images_.try_emplace(image->id(), UsedImage{image, writes});
  used->second.written |= writes;
  if (!first) return;
  const bool fresh = image->claim_first_use();
  if (fresh) first_uses_.push_back(image);
  tracker_.begin_image(image->id(), fresh ? VK_IMAGE_LAYOUT_UNDEFINED : image->spec().home);
}

void Commands::bring_home(const std::shared_ptr<Image>& image) {
  begin();
  note_image(image, false);
}

void Commands::barrier_for(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images) {
  if (planned_) return;
  touches_.clear();
  for (const BufferTouch& touch : buffers) {
    refuse_foreign(*device_, touch.buffer.buffer->device());
    note_buffer(touch.buffer, usage_row(touch.usage).writes);
    const Extent extent = extent_of(touch.buffer);
    touches_.push_back({extent.resource, extent.begin, extent.end, touch.usage});
  }
  for (const ImageTouch& touch : images) {
    refuse_foreign(*device_, touch.image->device());
    note_image(touch.image, usage_row(touch.usage).writes);
    touches_.push_back({touch.image->id(), 0, ~0ULL, touch.usage});
  }
  emit(tracker_.next(touches_));
  if (slot_->watched) note_command(buffers, images);
}

void Commands::emit(const BarrierPlan& plan) {
  if (!plan.needed()) return;
  ++barriers_;
  VkMemoryBarrier memory{};
  memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  memory.srcAccessMask = plan.from_access;
  memory.dstAccessMask = plan.to_access;
  std::vector<VkImageMemoryBarrier> moves;
  for (const Transition& move : plan.transitions) {
    const Image& image = *images_.at(move.resource).image;
    VkImageMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
    barrier.srcAccessMask = plan.from_access;
    barrier.dstAccessMask = plan.to_access;
    barrier.oldLayout = move.from;
    barrier.newLayout = move.to;
    barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    barrier.image = image.handle();
    barrier.subresourceRange = {format_info(image.spec().format).aspect, 0, 1, 0, image.spec().layers};
    moves.push_back(barrier);
  }
  device_->vk().vkCmdPipelineBarrier(buffer_, plan.from_stages, plan.to_stages, 0, 1, &memory, 0, nullptr,
                                     static_cast<uint32_t>(moves.size()), moves.data());
}

void Commands::bind(const PipelineRef& pipeline, VkPipelineBindPoint point) {
  const VkPipeline handle = pipeline.pipeline->handle();
  if (bound_ != handle) device_->vk().vkCmdBindPipeline(buffer_, point, handle);
  bound_ = handle;
  name_command(pipeline.name);
  if (!planned_ && pipeline.keepalive && (keepalives_.empty() || keepalives_.back() != pipeline.keepalive))
    keepalives_.push_back(pipeline.keepalive);
}

void Commands::dispatch(const Invocation& call, std::array<uint32_t, 3> groups) {
  if (capture_) return capture_->add(DispatchWork(call, groups));
  begin();
  barrier_for(call.buffers, call.images);
  bind(call.pipeline, VK_PIPELINE_BIND_POINT_COMPUTE);
  bind_descriptors(call.pipeline, call.descriptors, VK_PIPELINE_BIND_POINT_COMPUTE);
  if (!call.push.empty())
    device_->vk().vkCmdPushConstants(buffer_, call.pipeline.layout, call.pipeline.push_stages, 0,
                                     static_cast<uint32_t>(call.push.size()), call.push.data());
  device_->vk().vkCmdDispatch(buffer_, groups[0], groups[1], groups[2]);
  after_command();
}

void Commands::dispatch_indirect(const Invocation& call, const BufferRef& groups) {
  if (capture_) return capture_->add(DispatchWork(call, groups));
  begin();
  if (!planned_) {
    std::vector<BufferTouch> touches(call.buffers.begin(), call.buffers.end());
    touches.push_back({groups, Usage::indirect_input});
    barrier_for(touches, call.images);
  }
  bind(call.pipeline, VK_PIPELINE_BIND_POINT_COMPUTE);
  bind_descriptors(call.pipeline, call.descriptors, VK_PIPELINE_BIND_POINT_COMPUTE);
  if (!call.push.empty())
    device_->vk().vkCmdPushConstants(buffer_, call.pipeline.layout, call.pipeline.push_stages, 0,
                                     static_cast<uint32_t>(call.push.size()), call.push.data());
  device_->vk().vkCmdDispatchIndirect(buffer_, groups.buffer->handle(), groups.buffer->origin() + groups.offset);
  after_command();
}

void Commands::copy(const BufferRef& from, const BufferRef& to) {
  if (from.size == 0) return;
  FORGE_ASSERT(from.size <= to.size);
  if (capture_) return capture_->add(CopyWork{from, to});
  begin();
  const BufferTouch touches[] = {{from, Usage::transfer_read}, {to, Usage::transfer_write}};
  barrier_for(touches, {});
  const VkBufferCopy region{from.buffer->origin() + from.offset, to.buffer->origin() + to.offset, from.size};
  device_->vk().vkCmdCopyBuffer(buffer_, from.buffer->handle(), to.buffer->handle(), 1, &region);
  after_command();
}

void Commands::copy_raw(VkBuffer from, uint64_t offset, const BufferRef& to) {
  FORGE_ASSERT(!capture_);
  begin();
  const BufferTouch touches[] = {{to, Usage::transfer_write}};
  barrier_for(touches, {});
  const VkBufferCopy region{offset, to.buffer->origin() + to.offset, to.size};
  device_->vk().vkCmdCopyBuffer(buffer_, from, to.buffer->handle(), 1, &region);
  after_command();
}

void Commands::copy_raw(const BufferRef& from, VkBuffer to, uint64_t offset) {
  FORGE_ASSERT(!capture_);
  begin();
  const BufferTouch touches[] = {{from, Usage::transfer_read}};
  barrier_for(touches, {});
  const VkBufferCopy region{from.buffer->origin() + from.offset, offset, from.size};
  device_->vk().vkCmdCopyBuffer(buffer_, from.buffer->handle(), to, 1, &region);
  after_command();
}

void Commands::fill(const BufferRef& to, uint32_t word) {
  if (to.size == 0) return;
  // Whole words: only behind the end of memory of our own may the last one reach over.
  const bool own_end = !to.buffer->imported() && to.offset + to.size == to.buffer->size();
  FORGE_ASSERT(to.offset % 4 == 0 && to.buffer->origin() % 4 == 0 && (to.size % 4 == 0 || own_end));
  if (capture_) return capture_->add(FillWork{to, word});
  begin();
  const BufferTouch touches[] = {{to, Usage::transfer_write}};
  barrier_for(touches, {});
  name_command("fill");
  device_->vk().vkCmdFillBuffer(buffer_, to.buffer->handle(), to.buffer->origin() + to.offset, (to.size + 3) / 4 * 4,
                                word);
  after_command();
}

namespace {
void place(VkBufferImageCopy& copy, const Image& image, ImageRegion region) {
  const bool solid = image.spec().dims == 3;
  const VkImageAspectFlags aspect = region.aspect ? region.aspect : format_info(image.spec().format).aspect;
  copy.imageSubresource = {aspect, 0, solid ? 0 : region.z, solid ? 1 : region.depth};
  copy.imageOffset = {static_cast<int32_t>(region.x), static_cast<int32_t>(region.y),
                      static_cast<int32_t>(solid ? region.z : 0)};
  copy.imageExtent = {region.width, region.height, solid ? region.depth : 1};
}
}  // namespace

void Commands::upload_image(const BufferRef& texels, const std::shared_ptr<Image>& image, ImageRegion region) {
  if (capture_) return capture_->add(ImageCopyWork{texels, image, region, true});
  begin();
  const BufferTouch buffers[] = {{texels, Usage::transfer_read}};
  const ImageTouch images[] = {{image, Usage::transfer_write}};
  barrier_for(buffers, images);
  VkBufferImageCopy copy{};
  copy.bufferOffset = texels.buffer->origin() + texels.offset;
  place(copy, *image, region);
  device_->vk().vkCmdCopyBufferToImage(buffer_, texels.buffer->handle(), image->handle(),
                                       VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &copy);
  after_command();
}

void Commands::read_image(const std::shared_ptr<Image>& image, ImageRegion region, const BufferRef& texels) {
  if (capture_) return capture_->add(ImageCopyWork{texels, image, region, false});
  begin();
  const BufferTouch buffers[] = {{texels, Usage::transfer_write}};
  const ImageTouch images[] = {{image, Usage::transfer_read}};
  barrier_for(buffers, images);
  VkBufferImageCopy copy{};
  copy.bufferOffset = texels.buffer->origin() + texels.offset;
  place(copy, *image, region);
  device_->vk().vkCmdCopyImageToBuffer(buffer_, image->handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                                       texels.buffer->handle(), 1, &copy);
  after_command();
}

void Commands::begin_captured_scope(const std::string& name) { capture_->begin_scope(name); }

void Commands::end_captured_scope() { capture_->end_scope(); }

void Commands::after(std::span<const uint64_t> numbers) {
  for (const uint64_t number : numbers) {
    uint64_t& last = after_[static_cast<size_t>(device_->lane_of(number))];
    last = std::max(last, number);
  }
}

void Commands::after_command() {
  if (timing_ != ~0u) end_command();
  ++recorded_;
  if (sending_ == Sending::early && recorded_ % kEarlyAfter == 0 && open_scopes_.empty() &&
      device_->reached(device_->submitted(lane_))) {
    const Why later = std::exchange(why_, Why::early);
    submit();
    why_ = later;
  }
}

void Commands::finish() {
  if (capture_)
    throw Error(ErrorCode::WRONG_STATE, "values are asked for that the graph being recorded will compute when it runs",
                "work whose sizes are known beforehand", "a result that depends on values",
                "do it before or after the recording; gathers and scatters take mode=\"clip\" or \"wrap\"");
  device_->wait(submit());
}

uint64_t Commands::submit() {
  if (capture_) return 0;
  if (!slot_) return numbers_.empty() ? 0 : numbers_.back();
  FORGE_ASSERT(open_scopes_.empty());
  uint64_t number = 0;
  try {
    for (const auto& [id, used] : buffers_)
      if (!used.written) used.buffer->require_values();
    end();
    slot_->note.why = why_;
    slot_->note.barriers = barriers_ - std::exchange(counted_barriers_, barriers_);
    const auto note = [this](uint64_t n) {
      for (auto& [id, used] : buffers_) {
        if (used.read) used.buffer->used(n, false);
        if (used.written) used.buffer->used(n, true);
      }
      for (auto& [id, used] : images_) used.image->used(n, used.written);
    };
    const auto needed = [this](Lane lane) {
      uint64_t last = after_[static_cast<size_t>(lane)];
      for (auto& [id, used] : buffers_) last = std::max(last, used.buffer->needed(lane, used.written));
      return last;
    };
    number = device_->submit(std::move(slot_), Uses(note, needed));
  } catch (...) {
    abandon();
    throw;
  }
  numbers_.push_back(number);
  buffers_.clear();
  images_.clear();
  first_uses_.clear();
  keepalives_.clear();  // a pipeline retires after everything submitted so far, so it may go now
  return number;
}

std::unique_ptr<Commands::Prepared> Commands::prepare() {
  begin();
  FORGE_ASSERT(open_scopes_.empty() && numbers_.empty());
  // A replay starts from home layouts; fresh images are brought there by a recording of their own.
  FORGE_ASSERT(first_uses_.empty());
  end();
  auto prepared = std::make_unique<Prepared>();
  prepared->device = device_;
  prepared->slot = std::move(slot_);
  prepared->slot->profile.reset();
  for (auto& [id, used] : buffers_) prepared->buffers.push_back(used);
  for (auto& [id, used] : images_) prepared->images.push_back(used);
  prepared->keepalives = std::move(keepalives_);
  buffers_.clear();
  images_.clear();
  return prepared;
}

uint64_t Commands::Prepared::submit() {
  device->wait(number);
  for (const UsedBuffer& used : buffers) used.written ? used.buffer->before_write() : used.buffer->require_values();
  const auto note = [this](uint64_t n) {
    for (const UsedBuffer& used : buffers) {
      if (used.read) used.buffer->used(n, false);
      if (used.written) used.buffer->used(n, true);
    }
    for (const UsedImage& used : images) used.image->used(n, used.written);
  };
  const auto needed = [this](Lane lane) {
    uint64_t last = 0;
    for (const UsedBuffer& used : buffers) last = std::max(last, used.buffer->needed(lane, used.written));
    return last;
  };
  number = device->submit_prepared(slot->commands, Uses(note, needed));
  return number;
}

Commands::Prepared::~Prepared() {
  device->retire(VK_OBJECT_TYPE_COMMAND_POOL, reinterpret_cast<uint64_t>(slot->pool), number);
  for (VkDescriptorPool pool : slot->descriptor_pools)
    device->retire(VK_OBJECT_TYPE_DESCRIPTOR_POOL, reinterpret_cast<uint64_t>(pool), number);
  for (VkQueryPool queries : slot->query_pools)
    device->retire(VK_OBJECT_TYPE_QUERY_POOL, reinterpret_cast<uint64_t>(queries), number);
}

}  // namespace forge::vk
