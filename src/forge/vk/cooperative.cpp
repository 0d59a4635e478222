#include "forge/vk/cooperative.hpp"

namespace forge::vk {

namespace {

// Debian 12's headers (1.3.239) predate cooperative matrices; names differ from the registry's where a newer header has
// those. Layout and values are the registry's.
struct CooperativeProperties {
  VkStructureType type;
  void* next;
  uint32_t m, n, k;
  uint32_t a, b, c, result;  // VkComponentTypeKHR
  VkBool32 saturates;
  uint32_t scope;  // VkScopeKHR
};
constexpr auto kPropertiesType = static_cast<VkStructureType>(1000506001);
constexpr uint32_t kFloat16 = 0, kFloat32 = 1, kSubgroupScope = 3;
using GetProperties = VkResult(VKAPI_PTR*)(VkPhysicalDevice, uint32_t*, CooperativeProperties*);

}  // namespace

std::vector<CooperativeShape> cooperative_shapes(const Device& device) {
  if (!device.has("cooperativeMatrix")) return {};
  const auto get = reinterpret_cast<GetProperties>(
      vkGetInstanceProcAddr(volkGetLoadedInstance(), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  uint32_t count = 0;
  if (!get || get(device.physical(), &count, nullptr) != VK_SUCCESS) return {};
  CooperativeProperties blank{};
  blank.type = kPropertiesType;
  std::vector<CooperativeProperties> rows(count, blank);
  if (get(device.physical(), &count, rows.data()) < VK_SUCCESS) return {};
  std::vector<CooperativeShape> shapes;
  for (const CooperativeProperties& row : rows)
    if (row.scope == kSubgroupScope)
      shapes.push_back(
          {row.m, row.n, row.k, row.a == kFloat16 && row.b == kFloat16, row.c == kFloat32 && row.result == kFloat32});
  return shapes;
}

}  // namespace forge::vk
