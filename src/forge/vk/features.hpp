#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "forge/vk/adapter.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

struct FeatureRow {
  bool needed;
  std::string_view name;
  std::string_view why;
};
const std::vector<FeatureRow>& feature_rows();

/// Vulkan's chain of feature structures, holding those that the device's version and extensions allow.
class FeatureChain {
 public:
  explicit FeatureChain(uint32_t api_version, const std::set<std::string>& extensions);
  FeatureChain(const FeatureChain&) = delete;
  FeatureChain& operator=(const FeatureChain&) = delete;

  VkPhysicalDeviceFeatures2* head() { return &root_; }
  std::map<std::string, bool> values() const;
  void keep_known();  // drops every switch that no row of features.def names

 private:
  VkPhysicalDeviceFeatures2 root_{};
  VkPhysicalDeviceVulkan11Features vulkan11_{};
  VkPhysicalDeviceVulkan12Features vulkan12_{};
  VkPhysicalDeviceDynamicRenderingFeatures rendering_{};
  VkPhysicalDeviceMaintenance4Features maintenance4_{};
  VkPhysicalDeviceSubgroupSizeControlFeatures subgroup_control_{};
  VkPhysicalDeviceShaderAtomicFloatFeaturesEXT atomic_float_{};
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executable_{};
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR cooperative_matrix_{};
  VkPhysicalDeviceFeatures& core_ = root_.features;
};

/// Extensions worth enabling where the device has them.
std::vector<const char*> wanted_extensions(uint32_t api_version, const std::set<std::string>& available);

}  // namespace forge::vk
