#include "forge/vk/features.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forge::vk {
namespace {

constexpr uint32_t k12 = VK_API_VERSION_1_2, k13 = VK_API_VERSION_1_3;

TEST(Features, RowsAreNamedOnceAndSayWhy) {
  std::set<std::string_view> names;
  for (const FeatureRow& row : feature_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.why.empty()) << row.name;
  }
  EXPECT_TRUE(names.contains("timelineSemaphore"));
}

std::set<VkStructureType> chain_types(FeatureChain& chain) {
  std::set<VkStructureType> types;
  for (auto* at = static_cast<VkBaseOutStructure*>(chain.head()->pNext); at; at = at->pNext) types.insert(at->sType);
  return types;
}

TEST(Features, TheChainHoldsWhatVersionAndExtensionsAllow) {
  FeatureChain old(VK_API_VERSION_1_1, {});
  EXPECT_TRUE(chain_types(old).empty());
  FeatureChain plain(k12, {});
  EXPECT_EQ(chain_types(plain).size(), 2u);
  EXPECT_FALSE(chain_types(plain).contains(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DYNAMIC_RENDERING_FEATURES));
  FeatureChain extended(k12, {VK_KHR_DYNAMIC_RENDERING_EXTENSION_NAME});
  EXPECT_TRUE(chain_types(extended).contains(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DYNAMIC_RENDERING_FEATURES));
  FeatureChain newer(k13, {});
  EXPECT_TRUE(chain_types(newer).contains(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DYNAMIC_RENDERING_FEATURES));
  FeatureChain matrices(k13, {VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME});
  EXPECT_TRUE(chain_types(matrices).contains(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR));
}

TEST(Features, OnlyWhatARowNamesIsSwitchedOn) {
  FeatureChain chain(k13, {});
  for (const auto& [name, value] : chain.values()) EXPECT_FALSE(value) << name;
  VkPhysicalDeviceFeatures& core = chain.head()->features;
  core.shaderInt64 = core.shaderFloat64 = VK_TRUE;
  core.sparseBinding = core.textureCompressionBC = VK_TRUE;  // the library knows neither
  for (auto* at = static_cast<VkBaseOutStructure*>(chain.head()->pNext); at; at = at->pNext)
    if (at->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES) {
      auto* vulkan12 = reinterpret_cast<VkPhysicalDeviceVulkan12Features*>(at);
      vulkan12->timelineSemaphore = vulkan12->imagelessFramebuffer = vulkan12->shaderOutputLayer = VK_TRUE;
    }
  chain.keep_known();
  EXPECT_TRUE(chain.values().at("shaderInt64"));
  EXPECT_TRUE(chain.values().at("timelineSemaphore"));
  EXPECT_FALSE(chain.values().at("bufferDeviceAddress"));
  EXPECT_FALSE(core.sparseBinding);
  EXPECT_FALSE(core.textureCompressionBC);
  for (auto* at = static_cast<VkBaseOutStructure*>(chain.head()->pNext); at; at = at->pNext)
    if (at->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES) {
      const auto* vulkan12 = reinterpret_cast<VkPhysicalDeviceVulkan12Features*>(at);
      EXPECT_FALSE(vulkan12->imagelessFramebuffer);
      EXPECT_FALSE(vulkan12->shaderOutputLayer) << "one of the last members";
      EXPECT_TRUE(vulkan12->timelineSemaphore);
    }
}

TEST(Features, OnlyAvailableExtensionsAreWanted) {
  EXPECT_TRUE(wanted_extensions(k12, {}).empty());
  EXPECT_TRUE(wanted_extensions(k12, {"VK_KHR_swapchain"}).empty());
  const std::set<std::string> rendering = {VK_KHR_DYNAMIC_RENDERING_EXTENSION_NAME};
  EXPECT_EQ(wanted_extensions(k12, rendering).size(), 1u);
  EXPECT_TRUE(wanted_extensions(k13, rendering).empty()) << "core by then";
  EXPECT_EQ(wanted_extensions(k13, {"VK_KHR_portability_subset"}).size(), 1u);
}

}  // namespace
}  // namespace forge::vk
