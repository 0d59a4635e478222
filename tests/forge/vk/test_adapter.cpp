#include "forge/vk/adapter.hpp"

#include <gtest/gtest.h>

#include "forge/support/device.hpp"
#include "forge/vk/instance.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

TEST(Adapter, VersionsAndTypesAsText) {
  EXPECT_EQ(version_text(1u << 22 | 3u << 12 | 230), "1.3.230");
  EXPECT_EQ(version_text(0), "0.0.0");
  EXPECT_EQ(name_of(AdapterType::discrete), "DiscreteGpu");
  EXPECT_EQ(name_of(AdapterType::integrated), "IntegratedGpu");
  EXPECT_EQ(name_of(AdapterType::virtual_), "VirtualGpu");
  EXPECT_EQ(name_of(AdapterType::cpu), "Cpu");
  EXPECT_EQ(name_of(AdapterType::other), "Other");
}

TEST(Adapter, FeaturesThatAreOffOrUnknownAreNotThere) {
  AdapterInfo info;
  info.features = {{"on", true}, {"off", false}};
  EXPECT_TRUE(info.has("on"));
  EXPECT_FALSE(info.has("off"));
  EXPECT_FALSE(info.has("unknown"));
}

TEST(Adapter, MemoryIsTheLargestOfItsOwnHeaps) {
  AdapterInfo info;
  EXPECT_EQ(info.device_memory(), 0u);
  info.heaps = {{10, 0, 0, true}, {30, 0, 0, false}, {20, 0, 0, true}};
  EXPECT_EQ(info.device_memory(), 20u);
  EXPECT_FALSE(info.unified_cached_memory());
  info.memory = {{0, true, true, true, false}, {1, false, true, true, true}};
  EXPECT_FALSE(info.unified_cached_memory()) << "all three in one memory";
  info.memory.push_back({2, true, true, false, true});
  EXPECT_TRUE(info.unified_cached_memory());
}

class AdapterQuery : public DeviceTest {};

TEST_F(AdapterQuery, EveryDeviceIsDescribed) {
  const auto list = Instance::get()->adapters();
  ASSERT_FALSE(list.empty());
  for (uint32_t i = 0; i < list.size(); ++i) {
    const AdapterInfo& info = list[i];
    EXPECT_EQ(info.index, i);
    EXPECT_FALSE(info.name.empty());
    EXPECT_GE(info.api_version, 1u << 22);
    EXPECT_FALSE(info.queues.empty());
    EXPECT_FALSE(info.heaps.empty());
    for (const MemoryKind& kind : info.memory) EXPECT_LT(kind.heap, info.heaps.size());
    EXPECT_FALSE(judge(info).reasons_for.empty());
  }
}

TEST_F(AdapterQuery, TheOpenDeviceKeepsVulkansPromises) {
  const Limits& limits = device_->limits();
  EXPECT_EQ(device_->info().uuid.size(), 32u);
  EXPECT_EQ(device_->info().uuid.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_FALSE(device_->info().driver.empty());
  EXPECT_GE(limits.max_push_bytes, 128u);
  EXPECT_GE(limits.max_invocations, 128u);
  EXPECT_GE(limits.max_buffer_bytes, 1ULL << 30);
  EXPECT_GE(limits.max_uniform_range, 16384u);
  EXPECT_GE(limits.subgroup_size, 1u);
  for (const uint32_t groups : limits.max_groups) EXPECT_GE(groups, 65535u);
  EXPECT_TRUE(device_->has("timelineSemaphore"));
  EXPECT_TRUE(device_->has("bufferDeviceAddress"));
}

TEST_F(AdapterQuery, HeapsTellTheirBudgetNow) {
  const auto heaps = device_->heaps();
  ASSERT_EQ(heaps.size(), device_->info().heaps.size());
  EXPECT_GT(heaps[0].size, 0u);
  EXPECT_GT(heaps[0].budget, 0u);
}

}  // namespace
}  // namespace forge::vk
