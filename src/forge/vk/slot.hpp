#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "forge/vk/profile.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

/// What two timestamps are about.
struct Timed {
  std::string name;
  bool command = false;  // for a profile; else a scope
  uint64_t bytes = 0;
  double flops = 0;
};

/// What one recording needs from Vulkan; recycled whole once its submission has passed.
struct CommandSlot {
  VkCommandPool pool = VK_NULL_HANDLE;
  VkCommandBuffer commands = VK_NULL_HANDLE;
  std::vector<VkDescriptorPool> descriptor_pools;  // all but the last are full
  std::map<std::vector<uint64_t>, VkDescriptorSet> sets;  // by layout and what is bound: same arguments, same set
  std::vector<VkQueryPool> query_pools;            // of kTimedInPool pairs each, made as they are needed
  std::vector<Timed> timed;                        // queries 2i and 2i+1, counted through the pools, are of the i-th
  unsigned char lane = 0;                          // its pool is of this lane's family
  bool watched = false;                            // someone wants the note
  SubmissionNote note;
  std::shared_ptr<Profile> profile;                // wants each command timed
};

inline constexpr uint32_t kTimedInPool = 512;

}  // namespace forge::vk
