// Fills the AdapterInfo record from Vulkan.
#include <algorithm>
#include <bit>

#include "forge/vk/features.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/vector_bits.hpp"

namespace forge::vk {

namespace {

std::string hex(const uint8_t* bytes, size_t count) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < count; ++i) text += digits[bytes[i] >> 4], text += digits[bytes[i] & 15];
  return text;
}

AdapterType type_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return AdapterType::integrated;
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return AdapterType::discrete;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return AdapterType::virtual_;
    case VK_PHYSICAL_DEVICE_TYPE_CPU: return AdapterType::cpu;
    default: return AdapterType::other;
  }
}

void read_extensions(VkPhysicalDevice device, AdapterInfo& info) {
  uint32_t count = 0;
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> rows(count);
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, rows.data());
  for (const auto& row : rows) info.extensions.insert(row.extensionName);
}

void read_queues(VkPhysicalDevice device, AdapterInfo& info) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> rows(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, rows.data());
  for (const auto& row : rows)
    info.queues.push_back({row.queueCount, (row.queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0,
                           (row.queueFlags & VK_QUEUE_COMPUTE_BIT) != 0, (row.queueFlags & VK_QUEUE_TRANSFER_BIT) != 0,
                           row.timestampValidBits});
}

void read_memory(VkPhysicalDevice device, AdapterInfo& info) {
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
  budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
  VkPhysicalDeviceMemoryProperties2 memory{};
  memory.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
  const bool has_budget = info.extensions.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  if (has_budget) memory.pNext = &budget;
  vkGetPhysicalDeviceMemoryProperties2(device, &memory);
  const auto& rows = memory.memoryProperties;
  for (uint32_t i = 0; i < rows.memoryHeapCount; ++i) {
    const uint64_t size = rows.memoryHeaps[i].size;
    info.heaps.push_back({size, has_budget ? budget.heapBudget[i] : size, has_budget ? budget.heapUsage[i] : 0,
                          (rows.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0});
  }
  for (uint32_t i = 0; i < rows.memoryTypeCount; ++i) {
    const VkMemoryPropertyFlags flags = rows.memoryTypes[i].propertyFlags;
    info.memory.push_back({rows.memoryTypes[i].heapIndex, (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0,
                           (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0,
                           (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0,
                           (flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT) != 0});
  }
}

struct Properties {
  VkPhysicalDeviceProperties2 root{};
  VkPhysicalDeviceVulkan11Properties vulkan11{};
  VkPhysicalDeviceVulkan12Properties vulkan12{};
  VkPhysicalDeviceSubgroupSizeControlProperties subgroup{};
  VkPhysicalDeviceExternalMemoryHostPropertiesEXT host{};
  VkPhysicalDeviceMaintenance4Properties maintenance4{};
};

void read_properties(VkPhysicalDevice device, const AdapterInfo& info, Properties& p) {
  const auto link = [&p](auto& structure, VkStructureType type) {
    structure.sType = type;
    structure.pNext = p.root.pNext;
    p.root.pNext = &structure;
  };
  p.root.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  if (info.api_version >= VK_API_VERSION_1_2) {
    link(p.vulkan11, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES);
    link(p.vulkan12, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES);
  }
  const bool core13 = info.api_version >= VK_API_VERSION_1_3;
  if (core13 || info.extensions.contains(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME))
    link(p.subgroup, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);
  if (core13) link(p.maintenance4, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES);
  if (info.extensions.contains(VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
    link(p.host, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT);
  vkGetPhysicalDeviceProperties2(device, &p.root);
}

Limits limits_of(const Properties& p, const AdapterInfo& info) {
  const VkPhysicalDeviceLimits& l = p.root.properties.limits;
  Limits limits;
  limits.max_allocation_bytes = std::max<uint64_t>(p.vulkan11.maxMemoryAllocationSize, 1ULL << 30);
  limits.max_buffer_bytes = p.maintenance4.maxBufferSize ? p.maintenance4.maxBufferSize : limits.max_allocation_bytes;
  limits.max_storage_range = l.maxStorageBufferRange;
  limits.max_uniform_range = l.maxUniformBufferRange;
  limits.storage_offset_alignment = l.minStorageBufferOffsetAlignment;
  limits.uniform_offset_alignment = l.minUniformBufferOffsetAlignment;
  limits.host_import_alignment = p.host.minImportedHostPointerAlignment;
  limits.non_coherent_atom = l.nonCoherentAtomSize;
  limits.max_push_bytes = l.maxPushConstantsSize;
  limits.max_shared_bytes = l.maxComputeSharedMemorySize;
  std::copy_n(l.maxComputeWorkGroupCount, 3, limits.max_groups.begin());
  std::copy_n(l.maxComputeWorkGroupSize, 3, limits.max_workgroup.begin());
  limits.max_invocations = l.maxComputeWorkGroupInvocations;
  limits.subgroup_size = p.vulkan11.subgroupSize;
  limits.min_subgroup_size = p.subgroup.minSubgroupSize ? p.subgroup.minSubgroupSize : limits.subgroup_size;
  limits.max_subgroup_size = p.subgroup.maxSubgroupSize ? p.subgroup.maxSubgroupSize : limits.subgroup_size;
  limits.can_pin_subgroup = (p.subgroup.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
  limits.subgroup_operations = p.vulkan11.subgroupSupportedOperations;
  limits.max_image_1d = l.maxImageDimension1D;
  limits.max_image_2d = l.maxImageDimension2D;
  limits.max_image_3d = l.maxImageDimension3D;
  limits.max_target = std::min({l.maxImageDimension2D, l.maxFramebufferWidth, l.maxFramebufferHeight});
  limits.max_image_layers = l.maxImageArrayLayers;
  limits.max_color_attachments = l.maxColorAttachments;
  limits.color_sample_counts = l.framebufferColorSampleCounts & l.framebufferDepthSampleCounts;
  limits.max_bound_sets = l.maxBoundDescriptorSets;
  limits.max_stage_storage_buffers = l.maxPerStageDescriptorStorageBuffers;
  limits.max_stage_uniform_buffers = l.maxPerStageDescriptorUniformBuffers;
  limits.max_stage_samplers = l.maxPerStageDescriptorSamplers;
  limits.max_stage_sampled_images = l.maxPerStageDescriptorSampledImages;
  limits.max_stage_storage_images = l.maxPerStageDescriptorStorageImages;
  limits.max_stage_resources = l.maxPerStageResources;
  const bool timestamps = std::any_of(info.queues.begin(), info.queues.end(),
                                      [](const QueueFamily& q) { return q.compute && q.timestamp_bits > 0; });
  limits.timestamp_period_ns = timestamps ? l.timestampPeriod : 0;
  return limits;
}

}  // namespace

AdapterInfo describe_adapter(VkPhysicalDevice device, uint32_t index) {
  AdapterInfo info;
  info.index = index;
  VkPhysicalDeviceProperties basic{};
  vkGetPhysicalDeviceProperties(device, &basic);
  info.api_version = basic.apiVersion;
  read_extensions(device, info);
  read_queues(device, info);
  read_memory(device, info);
  Properties properties;
  read_properties(device, info, properties);
  info.name = basic.deviceName;
  info.type = type_of(basic.deviceType);
  info.vendor_id = basic.vendorID;
  info.device_id = basic.deviceID;
  info.driver_version = basic.driverVersion;
  info.uuid = hex(properties.vulkan11.deviceUUID, VK_UUID_SIZE);
  info.driver_uuid = hex(properties.vulkan11.driverUUID, VK_UUID_SIZE);
  info.driver = std::string(properties.vulkan12.driverName) + " " + properties.vulkan12.driverInfo;
  info.limits = limits_of(properties, info);
  FeatureChain chain(info.api_version, info.extensions);
  vkGetPhysicalDeviceFeatures2(device, chain.head());
  info.features = chain.values();
  // Vulkan lists these two among the properties; they say what shaders can rely on, as features do.
  info.features["shaderRoundingModeRTEFloat32"] = properties.vulkan12.shaderRoundingModeRTEFloat32 == VK_TRUE;
  info.features["shaderSignedZeroInfNanPreserveFloat32"] =
      properties.vulkan12.shaderSignedZeroInfNanPreserveFloat32 == VK_TRUE;
  if (fails_at_drawing(info)) info.features["dynamicRendering"] = false;
  return info;
}

}  // namespace forge::vk
