#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "forge/core/error.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

std::string_view result_name(VkResult result);

/// Throws the error that a failed call stands for.
[[noreturn]] void throw_result(const char* call, VkResult result);

namespace fault {
// Tests make calls fail here, so that every path behind a failing driver is tried and not imagined.
extern std::atomic<bool> armed;
/// From the (skip + 1)th time on, `count` calls of this name return `result` without being made.
void inject(std::string call, VkResult result, uint32_t skip = 0, uint32_t count = 1);
void clear();
/// This thread's calls are made: a test means those of its own.
void spare_this_thread();
/// What to answer instead of calling; VK_SUCCESS: make the call.
VkResult next(const char* call);
}  // namespace fault

template <class Call>
VkResult attempt(const char* name, Call&& call) {
  if (fault::armed.load(std::memory_order_relaxed)) {
    const VkResult forced = fault::next(name);
    if (forced != VK_SUCCESS) return forced;
  }
  return call();
}

template <class Call>
VkResult checked(const char* name, Call&& call) {
  const VkResult result = attempt(name, static_cast<Call&&>(call));
  if (result < 0) throw_result(name, result);
  return result;
}

}  // namespace forge::vk

/// FORGE_VK(table, vkCreateFence, ...) calls through a volk table and throws on failure.
#define FORGE_VK(table, function, ...) ::forge::vk::checked(#function, [&] { return (table).function(__VA_ARGS__); })
