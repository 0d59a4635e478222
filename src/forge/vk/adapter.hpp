#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What a Vulkan device says about itself, as plain values: choosing among devices is tested on made-up ones.
namespace forge::vk {

enum class AdapterType : unsigned char { other, integrated, discrete, virtual_, cpu };

std::string_view name_of(AdapterType type);  // "DiscreteGpu", ...

struct QueueFamily {
  uint32_t count = 0;
  bool graphics = false;
  bool compute = false;
  bool transfer = false;
  uint32_t timestamp_bits = 0;
};

struct MemoryHeap {
  uint64_t size = 0;    // bytes
  uint64_t budget = 0;  // bytes this process may use now; the size where the driver does not tell
  uint64_t used = 0;
  bool device_local = false;
};

struct MemoryKind {  // a Vulkan memory type
  uint32_t heap = 0;
  bool device_local = false, host_visible = false, coherent = false, cached = false;
};

struct Limits {
  uint64_t max_buffer_bytes = 0;          // one buffer (maxBufferSize or the largest allocation)
  uint64_t max_allocation_bytes = 0;
  uint64_t max_storage_range = 0;         // one storage descriptor
  uint64_t max_uniform_range = 0;
  uint64_t storage_offset_alignment = 1;
  uint64_t uniform_offset_alignment = 1;
  uint64_t host_import_alignment = 0;     // 0: host memory cannot be imported
  uint64_t non_coherent_atom = 1;
  uint32_t max_push_bytes = 128;
  uint32_t max_shared_bytes = 0;
  std::array<uint32_t, 3> max_groups{};
  std::array<uint32_t, 3> max_workgroup{};
  uint32_t max_invocations = 0;
  uint32_t subgroup_size = 0;
  uint32_t min_subgroup_size = 0;
  uint32_t max_subgroup_size = 0;
  bool can_pin_subgroup = false;          // compute pipelines may ask for one of these sizes
  uint32_t subgroup_operations = 0;       // VkSubgroupFeatureFlags
  uint32_t max_image_1d = 0;
  uint32_t max_image_2d = 0;
  uint32_t max_image_3d = 0;
  uint32_t max_target = 0;  // width and height of an image that is drawn on
  uint32_t max_image_layers = 1;
  uint32_t max_color_attachments = 0;
  uint32_t color_sample_counts = 1;       // VkSampleCountFlags of colour and depth together
  uint32_t max_bound_sets = 4;
  // descriptors that one stage can reach, by kind
  uint32_t max_stage_storage_buffers = 0;
  uint32_t max_stage_uniform_buffers = 0;
  uint32_t max_stage_samplers = 0;
  uint32_t max_stage_sampled_images = 0;
  uint32_t max_stage_storage_images = 0;
  uint32_t max_stage_resources = 0;       // of all kinds together
  double timestamp_period_ns = 0;         // 0: no timestamps
};

/// One queryable record of a device.
struct AdapterInfo {
  std::string name;
  AdapterType type = AdapterType::other;
  uint32_t index = 0;                  // in the order the loader lists them
  uint32_t vendor_id = 0, device_id = 0;
  std::string uuid;                    // 32 hex digits
  std::string driver_uuid;
  std::string driver;                  // "llvmpipe", "NVIDIA", ... with the driver's own version text
  uint32_t api_version = 0, driver_version = 0;
  Limits limits;
  std::map<std::string, bool> features;  // by Vulkan's name, only those this library knows how to use
  std::set<std::string> extensions;
  std::vector<QueueFamily> queues;
  std::vector<MemoryHeap> heaps;
  std::vector<MemoryKind> memory;

  bool has(const std::string& feature) const;
  bool unified_cached_memory() const;  // one memory is device-local, host-visible and cached: everything is in place
  uint64_t device_memory() const;      // bytes of the largest device-local heap
};

std::string version_text(uint32_t version);  // "1.3.230"

}  // namespace forge::vk
