#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "forge/vk/adapter.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

/// The process's one VkInstance. Opened at first need, never at load time.
class Instance {
 public:
  /// Throws NO_DRIVER where there is no loader, FORKED in a forked child whose parent had opened a device.
  static std::shared_ptr<Instance> get();
  /// Drops the process's share; the instance goes with its last device. A later get() opens a new one.
  static void release();

  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  VkInstance handle() const { return handle_; }
  bool validating() const { return validating_; }
  bool labels() const { return labels_; }

  std::vector<VkPhysicalDevice> physical_devices() const;
  std::vector<AdapterInfo> adapters() const;

 private:
  Instance();
  VkInstance handle_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  bool validating_ = false;
  bool labels_ = false;
};

/// Version of the Vulkan loader; throws NO_DRIVER where there is none. Needs no driver.
std::string loader_version();

AdapterInfo describe_adapter(VkPhysicalDevice device, uint32_t index);

/// Messages of the validation layers since the process began; tests fail on any.
std::vector<std::string> validation_messages();

/// Throws FORKED where this process is a child of the one that opened `opened_by`.
void refuse_after_fork(long opened_by);
long process_id();

}  // namespace forge::vk
