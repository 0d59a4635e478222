#pragma once

#include <map>
#include <string>
#include <vector>

#include "forge/vk/vulkan.hpp"

namespace forge::vk {

/// What one recording needs from Vulkan; recycled whole once its submission has passed.
struct CommandSlot {
  VkCommandPool pool = VK_NULL_HANDLE;
  VkCommandBuffer commands = VK_NULL_HANDLE;
  std::vector<VkDescriptorPool> descriptor_pools;  // all but the last are full
  std::map<std::vector<uint64_t>, VkDescriptorSet> sets;  // by layout and what is bound: same arguments, same set
  VkQueryPool queries = VK_NULL_HANDLE;            // made when the first scope is
  std::vector<std::string> scopes;                 // queries 2i and 2i+1 belong to scope i
};

inline constexpr uint32_t kMostScopes = 512;  // in one recording; further scopes are not timed

}  // namespace forge::vk
