#include "forge/vk/adapter.hpp"

#include <algorithm>

namespace forge::vk {

std::string_view name_of(AdapterType type) {
  switch (type) {
    case AdapterType::integrated: return "IntegratedGpu";
    case AdapterType::discrete: return "DiscreteGpu";
    case AdapterType::virtual_: return "VirtualGpu";
    case AdapterType::cpu: return "Cpu";
    case AdapterType::other: break;
  }
  return "Other";
}

bool AdapterInfo::has(const std::string& feature) const {
  const auto found = features.find(feature);
  return found != features.end() && found->second;
}

bool AdapterInfo::unified_cached_memory() const {
  return std::any_of(memory.begin(), memory.end(),
                     [](const MemoryKind& m) { return m.device_local && m.host_visible && m.cached; });
}

uint64_t AdapterInfo::device_memory() const {
  uint64_t most = 0;
  for (const MemoryHeap& heap : heaps)
    if (heap.device_local) most = std::max(most, heap.size);
  return most;
}

std::string version_text(uint32_t version) {
  return std::to_string(version >> 22 & 0x7F) + "." + std::to_string(version >> 12 & 0x3FF) + "." +
         std::to_string(version & 0xFFF);
}

}  // namespace forge::vk
