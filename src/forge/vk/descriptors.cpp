// Descriptor sets of one recording: taken from pools that are reset with it.
#include <algorithm>
#include <deque>

#include "forge/vk/commands.hpp"

namespace forge::vk {

// Enough for many sets of the usual kind, and for this one, whose arrays may be longer than that.
VkDescriptorPool Commands::add_descriptor_pool(std::span<const DescriptorWrite> writes, uint32_t number) {
  VkDescriptorPoolSize sizes[] = {
      {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 512},         {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, 128},
      {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 256}, {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 64},
      {VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE, 64},           {VK_DESCRIPTOR_TYPE_SAMPLER, 64},
  };
  for (VkDescriptorPoolSize& size : sizes) {
    const auto here = std::count_if(writes.begin(), writes.end(), [&](const DescriptorWrite& write) {
      return write.set == number && write.type == size.type;
    });
    size.descriptorCount = std::max(size.descriptorCount, static_cast<uint32_t>(here));
  }
  VkDescriptorPoolCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  info.maxSets = 128;
  info.poolSizeCount = static_cast<uint32_t>(std::size(sizes));
  info.pPoolSizes = sizes;
  VkDescriptorPool pool = VK_NULL_HANDLE;
  FORGE_VK(device_->vk(), vkCreateDescriptorPool, device_->handle(), &info, nullptr, &pool);
  slot_->descriptor_pools.push_back(pool);
  return pool;
}

VkDescriptorSet Commands::allocate_set(VkDescriptorSetLayout layout, std::span<const DescriptorWrite> writes,
                                       uint32_t number) {
  VkDescriptorSetAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  info.descriptorSetCount = 1;
  info.pSetLayouts = &layout;
  VkDescriptorSet set = VK_NULL_HANDLE;
  if (!slot_->descriptor_pools.empty()) {
    info.descriptorPool = slot_->descriptor_pools.back();
    if (device_->vk().vkAllocateDescriptorSets(device_->handle(), &info, &set) == VK_SUCCESS) return set;
  }
  info.descriptorPool = add_descriptor_pool(writes, number);
  FORGE_VK(device_->vk(), vkAllocateDescriptorSets, device_->handle(), &info, &set);
  return set;
}

namespace {

// Everything that a set's content depends on.
void append_key(std::vector<uint64_t>& key, const DescriptorWrite& write) {
  key.push_back(uint64_t{write.binding} << 32 | write.element);
  if (const auto* ref = std::get_if<BufferRef>(&write.resource)) {
    key.insert(key.end(), {ref->buffer->id(), ref->offset, ref->size});
    return;
  }
  const auto& texture = std::get<TextureRef>(write.resource);
  key.insert(key.end(), {texture.image ? texture.image->id() : 0, static_cast<uint64_t>(texture.sampler),
                         static_cast<uint64_t>(write.layout)});
}

}  // namespace

// Allocating a set costs some drivers microseconds, so a recording makes one for each combination of arguments.
VkDescriptorSet Commands::set_for(VkDescriptorSetLayout layout, uint32_t number,
                                  std::span<const DescriptorWrite> writes) {
  set_key_.assign(1, reinterpret_cast<uint64_t>(layout));
  for (const DescriptorWrite& write : writes)
    if (write.set == number) append_key(set_key_, write);
  const auto found = slot_->sets.find(set_key_);
  if (found != slot_->sets.end()) return found->second;
  const VkDescriptorSet set = allocate_set(layout, writes, number);
  write_descriptors(writes, number, set);
  slot_->sets.emplace(set_key_, set);
  return set;
}

void Commands::bind_descriptors(const PipelineRef& pipeline, std::span<const DescriptorWrite> writes,
                                VkPipelineBindPoint point) {
  for (uint32_t number = 0; number < pipeline.sets.size(); ++number) {
    const bool known = known_sets_ && number < known_sets_->size();
    const VkDescriptorSet set = known ? (*known_sets_)[number] : set_for(pipeline.sets[number], number, writes);
    if (known_sets_ && !known) known_sets_->push_back(set);
    device_->vk().vkCmdBindDescriptorSets(buffer_, point, pipeline.layout, number, 1, &set, 0, nullptr);
  }
}

void Commands::write_descriptors(std::span<const DescriptorWrite> writes, uint32_t number, VkDescriptorSet set) {
  std::deque<VkDescriptorBufferInfo> buffers;  // deques: addresses stay while they grow
  std::deque<VkDescriptorImageInfo> images;
  std::vector<VkWriteDescriptorSet> rows;
  for (const DescriptorWrite& write : writes) {
    if (write.set != number) continue;
    VkWriteDescriptorSet row{};
    row.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    row.dstSet = set;
    row.dstBinding = write.binding;
    row.dstArrayElement = write.element;
    row.descriptorCount = 1;
    row.descriptorType = write.type;
    if (const auto* ref = std::get_if<BufferRef>(&write.resource)) {
      buffers.push_back({ref->buffer->handle(), ref->buffer->origin() + ref->offset, std::max<uint64_t>(ref->size, 4)});
      row.pBufferInfo = &buffers.back();
    } else {
      const auto& texture = std::get<TextureRef>(write.resource);
      images.push_back({device_->sampler(texture.sampler),
                        texture.image ? texture.image->view() : VkImageView{VK_NULL_HANDLE}, write.layout});
      row.pImageInfo = &images.back();
    }
    rows.push_back(row);
  }
  device_->vk().vkUpdateDescriptorSets(device_->handle(), static_cast<uint32_t>(rows.size()), rows.data(), 0, nullptr);
}

}  // namespace forge::vk
