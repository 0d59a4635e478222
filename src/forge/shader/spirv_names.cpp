#include "forge/shader/spirv_names.hpp"

#include <algorithm>
#include <string_view>

namespace forge::shader {

namespace {

struct CapabilityName {
  uint32_t number;
  std::string_view name;
};

// Those that compute shaders meet, by number.
constexpr CapabilityName kNames[] = {
    {0, "Matrix"},
    {1, "Shader"},
    {9, "Float16"},
    {10, "Float64"},
    {11, "Int64"},
    {12, "Int64Atomics"},
    {21, "AtomicStorage"},
    {22, "Int16"},
    {28, "UniformBufferArrayDynamicIndexing"},
    {29, "SampledImageArrayDynamicIndexing"},
    {30, "StorageBufferArrayDynamicIndexing"},
    {31, "StorageImageArrayDynamicIndexing"},
    {39, "Int8"},
    {43, "Sampled1D"},
    {44, "Image1D"},
    {46, "SampledBuffer"},
    {47, "ImageBuffer"},
    {49, "StorageImageExtendedFormats"},
    {50, "ImageQuery"},
    {55, "StorageImageReadWithoutFormat"},
    {56, "StorageImageWriteWithoutFormat"},
    {61, "GroupNonUniform"},
    {62, "GroupNonUniformVote"},
    {63, "GroupNonUniformArithmetic"},
    {64, "GroupNonUniformBallot"},
    {65, "GroupNonUniformShuffle"},
    {66, "GroupNonUniformShuffleRelative"},
    {67, "GroupNonUniformClustered"},
    {68, "GroupNonUniformQuad"},
    {4433, "StorageBuffer16BitAccess"},
    {4434, "UniformAndStorageBuffer16BitAccess"},
    {4435, "StoragePushConstant16"},
    {4441, "VariablePointersStorageBuffer"},
    {4442, "VariablePointers"},
    {4448, "StorageBuffer8BitAccess"},
    {4449, "UniformAndStorageBuffer8BitAccess"},
    {4450, "StoragePushConstant8"},
    {5301, "ShaderNonUniform"},
    {5302, "RuntimeDescriptorArray"},
    {5306, "UniformBufferArrayNonUniformIndexing"},
    {5307, "SampledImageArrayNonUniformIndexing"},
    {5308, "StorageBufferArrayNonUniformIndexing"},
    {5309, "StorageImageArrayNonUniformIndexing"},
    {5345, "VulkanMemoryModel"},
    {5347, "PhysicalStorageBufferAddresses"},
    {6022, "CooperativeMatrixKHR"},
    {6033, "AtomicFloat32AddEXT"},
};

}  // namespace

std::string capability_name(uint32_t capability) {
  const auto found = std::lower_bound(std::begin(kNames), std::end(kNames), capability,
                                      [](const CapabilityName& row, uint32_t number) { return row.number < number; });
  if (found != std::end(kNames) && found->number == capability) return std::string(found->name);
  return std::to_string(capability);
}

}  // namespace forge::shader
