#include "forge/vk/features.hpp"

namespace forge::vk {

const std::vector<FeatureRow>& feature_rows() {
  constexpr bool need = true, want = false;
  static const std::vector<FeatureRow> rows = {
#define FORGE_FEATURE(level, structure, name, why) {level, #name, why},
#include "forge/vk/features.def"
#undef FORGE_FEATURE
  };
  return rows;
}

FeatureChain::FeatureChain(uint32_t api_version, const std::set<std::string>& extensions) {
  root_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  const auto link = [this](auto& structure, VkStructureType type) {
    structure.sType = type;
    structure.pNext = root_.pNext;
    root_.pNext = &structure;
  };
  const bool core13 = api_version >= VK_API_VERSION_1_3;
  if (api_version >= VK_API_VERSION_1_2) {
    link(vulkan11_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES);
    link(vulkan12_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES);
  }
  if (core13 || extensions.contains(VK_KHR_DYNAMIC_RENDERING_EXTENSION_NAME))
    link(rendering_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DYNAMIC_RENDERING_FEATURES);
  if (core13) link(maintenance4_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES);
  if (core13 || extensions.contains(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME))
    link(subgroup_control_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES);
  if (extensions.contains(VK_EXT_SHADER_ATOMIC_FLOAT_EXTENSION_NAME))
    link(atomic_float_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_ATOMIC_FLOAT_FEATURES_EXT);
  if (extensions.contains(VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME))
    link(executable_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR);
  if (extensions.contains(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME))
    link(cooperative_matrix_, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR);
}

std::map<std::string, bool> FeatureChain::values() const {
  return {
#define FORGE_FEATURE(level, structure, name, why) {#name, structure##_.name == VK_TRUE},
#include "forge/vk/features.def"
#undef FORGE_FEATURE
  };
}

void FeatureChain::keep_known() {
  const auto known = values();
  const auto clear = [](auto& structure, auto first) {
    // The switches follow sType and pNext; they are all VkBool32.
    auto* begin = &(structure.*first);
    auto* end = reinterpret_cast<VkBool32*>(reinterpret_cast<std::byte*>(&structure) + sizeof structure);
    // Structures end on pointer alignment: the loop may reach padding, never beyond.
    for (auto* at = begin; at < end; ++at) *at = VK_FALSE;
  };
  clear(core_, &VkPhysicalDeviceFeatures::robustBufferAccess);
  clear(vulkan11_, &VkPhysicalDeviceVulkan11Features::storageBuffer16BitAccess);
  clear(vulkan12_, &VkPhysicalDeviceVulkan12Features::samplerMirrorClampToEdge);
  clear(rendering_, &VkPhysicalDeviceDynamicRenderingFeatures::dynamicRendering);
  clear(maintenance4_, &VkPhysicalDeviceMaintenance4Features::maintenance4);
  clear(subgroup_control_, &VkPhysicalDeviceSubgroupSizeControlFeatures::subgroupSizeControl);
  clear(atomic_float_, &VkPhysicalDeviceShaderAtomicFloatFeaturesEXT::shaderBufferFloat32Atomics);
  clear(executable_, &VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR::pipelineExecutableInfo);
  clear(cooperative_matrix_, &VkPhysicalDeviceCooperativeMatrixFeaturesKHR::cooperativeMatrix);
#define FORGE_FEATURE(level, structure, name, why) structure##_.name = known.at(#name) ? VK_TRUE : VK_FALSE;
#include "forge/vk/features.def"
#undef FORGE_FEATURE
}

std::vector<const char*> wanted_extensions(uint32_t api_version, const std::set<std::string>& available) {
  std::vector<const char*> wanted = {
      VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME,
      VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME,
      VK_EXT_MEMORY_BUDGET_EXTENSION_NAME,
      VK_EXT_SHADER_ATOMIC_FLOAT_EXTENSION_NAME,
      VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME,
      VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME,
      VK_KHR_SHADER_NON_SEMANTIC_INFO_EXTENSION_NAME,
      "VK_KHR_portability_subset",  // must be enabled where a device lists it
  };
  if (api_version < VK_API_VERSION_1_3)
    for (const char* name : {VK_KHR_DYNAMIC_RENDERING_EXTENSION_NAME, VK_KHR_DEPTH_STENCIL_RESOLVE_EXTENSION_NAME,
                             VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME})
      wanted.push_back(name);
  std::erase_if(wanted, [&](const char* name) { return !available.contains(name); });
  return wanted;
}

}  // namespace forge::vk
