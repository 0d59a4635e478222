#include "forge/vk/pick.hpp"

#include <gtest/gtest.h>

#include "forge/support/errors.hpp"
#include "forge/vk/features.hpp"

namespace forge::vk {
namespace {

constexpr uint64_t kGiB = 1ULL << 30;

AdapterInfo adapter(const std::string& name, AdapterType type, uint64_t gib = 8) {
  AdapterInfo info;
  info.name = name;
  info.type = type;
  info.api_version = 1u << 22 | 2u << 12;
  for (const FeatureRow& row : feature_rows()) info.features[std::string(row.name)] = row.needed;
  info.queues = {{1, true, true, true, 64}};
  info.heaps = {{gib * kGiB, gib * kGiB, 0, true}, {64 * kGiB, 64 * kGiB, 0, false}};
  info.memory = {{0, true, false, false, false}, {1, false, true, true, true}};
  return info;
}

std::string chosen(const std::vector<AdapterInfo>& list, const DeviceWish& wish = {}) {
  return list.at(choose(list, wish)).name;
}
DeviceWish named(const std::string& text) { return {.text = text, .index = {}, .prefer_software = false}; }
Error refusal(const std::vector<AdapterInfo>& list, const DeviceWish& wish = {}) {
  return test::error_of([&] { choose(list, wish); });
}

const std::vector<AdapterInfo> kAll = {
    adapter("a strange one", AdapterType::other, 99), adapter("llvmpipe", AdapterType::cpu, 64),
    adapter("virtio", AdapterType::virtual_, 48),     adapter("Iris Xe", AdapterType::integrated, 32),
    adapter("GeForce", AdapterType::discrete, 4),
};

TEST(Choose, KindGoesBeforeMemory) {
  std::vector<AdapterInfo> list = kAll;
  for (const char* name : {"GeForce", "Iris Xe", "virtio", "llvmpipe", "a strange one"}) {
    EXPECT_EQ(chosen(list), name);
    std::erase_if(list, [&](const AdapterInfo& info) { return info.name == name; });
  }
}

TEST(Choose, DriversThatWideVectorsEndAreNotTaken) {
  AdapterInfo info = adapter("llvmpipe", AdapterType::cpu);
  info.limits.subgroup_size = 16;
  for (const char* driver : {"llvmpipe Mesa 25.0.7-2 (LLVM 15.0.6)", "llvmpipe Mesa 22.3.6 (LLVM 15)", "llvmpipe"}) {
    info.driver = driver;
    EXPECT_TRUE(judge(info).usable) << driver;
  }
  for (const char* driver :
       {"llvmpipe Mesa 25.1.0", "llvmpipe Mesa 25.2.8-0ubuntu0.24.04.5 (LLVM 20)", "llvmpipe Mesa 26.1"}) {
    info.driver = driver;
    info.limits.subgroup_size = 16;
    const Error error = refusal({info});
    EXPECT_EQ(error.code(), ErrorCode::NO_DEVICE);
    EXPECT_NE(std::string(error.what()).find("unset VULKAN_FORGE_CPU_VECTOR_BITS and LP_NATIVE_VECTOR_WIDTH"),
              std::string::npos)
        << error.what();
    info.limits.subgroup_size = 8;
    EXPECT_TRUE(judge(info).usable) << driver;
  }
}

TEST(Choose, MemoryDecidesAmongOneKind) {
  EXPECT_EQ(chosen({adapter("small", AdapterType::discrete, 8), adapter("large", AdapterType::discrete, 24)}), "large");
  EXPECT_EQ(chosen({adapter("large", AdapterType::discrete, 24), adapter("small", AdapterType::discrete, 8)}), "large");
}

TEST(Choose, TheFirstOfEqualsIsTaken) {
  EXPECT_EQ(choose(std::vector{adapter("x", AdapterType::cpu), adapter("x", AdapterType::cpu)}, {}), 0u);
}

TEST(Choose, HostMemoryDoesNotCount) {
  AdapterInfo host_only = adapter("host", AdapterType::discrete, 1);
  host_only.heaps.push_back({512 * kGiB, 0, 0, false});
  EXPECT_EQ(chosen({host_only, adapter("own", AdapterType::discrete, 2)}), "own");
}

TEST(Choose, ByPartOfTheName) {
  EXPECT_EQ(chosen(kAll, named("llvm")), "llvmpipe");
  EXPECT_EQ(chosen(kAll, named("IRIS")), "Iris Xe");
  const std::vector<AdapterInfo> two = {adapter("Radeon 1", AdapterType::integrated),
                                        adapter("Radeon 2", AdapterType::discrete)};
  EXPECT_EQ(chosen(two, named("radeon")), "Radeon 2") << "the best of those that fit";
}

TEST(Choose, ByIndex) {
  for (uint32_t i = 0; i < kAll.size(); ++i) {
    EXPECT_EQ(choose(kAll, {.text = {}, .index = i, .prefer_software = false}), i);
    EXPECT_EQ(choose(kAll, named(std::to_string(i))), i);
  }
  EXPECT_EQ(refusal(kAll, named("5")).code(), ErrorCode::NO_DEVICE);
  EXPECT_EQ(refusal(kAll, {.text = {}, .index = 5, .prefer_software = false}).code(), ErrorCode::NO_DEVICE);
}

TEST(Choose, ByUuidWithAndWithoutDashes) {
  std::vector<AdapterInfo> list = kAll;
  list[1].uuid = "0123456789abcdef0123456789abcdef";
  list[2].uuid = "ffffffff89abcdef0123456789abcdef";
  EXPECT_EQ(chosen(list, named("0123456789abcdef0123456789abcdef")), "llvmpipe");
  EXPECT_EQ(chosen(list, named("FFFFFFFF-89AB-CDEF-0123-456789ABCDEF")), "virtio");
  EXPECT_EQ(refusal(list, named("0123456789abcdef")).code(), ErrorCode::NO_DEVICE) << "half a uuid names nothing";
}

TEST(Choose, SoftwareWherePreferred) {
  EXPECT_EQ(chosen(kAll, {.text = {}, .index = {}, .prefer_software = true}), "llvmpipe");
  EXPECT_EQ(chosen({kAll[3], kAll[4]}, {.text = {}, .index = {}, .prefer_software = true}), "GeForce")
      << "a preference, not a demand";
}

TEST(Choose, UnusableDevicesAreNotTaken) {
  std::vector<AdapterInfo> list = {adapter("broken", AdapterType::discrete), adapter("works", AdapterType::cpu)};
  list[0].features["timelineSemaphore"] = false;
  EXPECT_EQ(chosen(list), "works");
  const Error error = refusal(list, named("broken"));
  EXPECT_EQ(error.code(), ErrorCode::NO_DEVICE);
  EXPECT_CONTAINS(error.what(), "timelineSemaphore");
  EXPECT_CONTAINS(error.what(), "works");
}

TEST(Choose, TheRefusalCarriesEveryDeviceWithAllItsReasons) {
  std::vector<AdapterInfo> list = {adapter("first", AdapterType::discrete), adapter("second", AdapterType::integrated),
                                   adapter("third", AdapterType::cpu)};
  list[0].api_version = 1u << 22 | 1u << 12 | 77;
  list[0].features["bufferDeviceAddress"] = false;
  list[1].queues = {{1, false, false, true, 0}};
  list[2].features.erase("timelineSemaphore");
  const std::string text = refusal(list).what();
  for (const char* part : {"[0] first", "1.1.77", "bufferDeviceAddress", "[1] second", "queue that computes",
                           "[2] third", "timelineSemaphore", "doctor"})
    EXPECT_CONTAINS(text, part);
}

TEST(Choose, AnEmptyListSaysWhatToInstall) {
  const Error error = refusal({});
  EXPECT_EQ(error.code(), ErrorCode::NO_DEVICE);
  EXPECT_CONTAINS(error.what(), "no Vulkan device at all");
  EXPECT_CONTAINS(error.what(), "mesa-vulkan-drivers");
}

TEST(Choose, TheRefusalRepeatsWhatWasWished) {
  EXPECT_CONTAINS(refusal(kAll, named("Voodoo")).what(), "\"Voodoo\"");
  EXPECT_CONTAINS(refusal(kAll, {.text = {}, .index = 17, .prefer_software = false}).what(), "17");
}

TEST(Judge, EveryNeededFeatureIsNamedWhereItIsMissing) {
  int needed = 0;
  for (const FeatureRow& row : feature_rows()) {
    AdapterInfo info = adapter("x", AdapterType::discrete);
    info.features[std::string(row.name)] = false;
    const Judgement verdict = judge(info);
    EXPECT_EQ(verdict.usable, !row.needed) << row.name;
    needed += row.needed;
    if (!row.needed) continue;
    ASSERT_EQ(verdict.reasons_against.size(), 1u);
    EXPECT_CONTAINS(verdict.reasons_against[0], std::string(row.name));
    EXPECT_CONTAINS(verdict.reasons_against[0], std::string(row.why));
  }
  EXPECT_GE(needed, 2);
}

TEST(Judge, Vulkan11IsRefusedAnd12Is) {
  AdapterInfo info = adapter("x", AdapterType::discrete);
  EXPECT_TRUE(judge(info).usable);
  info.api_version = (1u << 22 | 2u << 12) - 1;
  EXPECT_FALSE(judge(info).usable);
  info.api_version = 1u << 22 | 3u << 12;
  EXPECT_TRUE(judge(info).usable);
}

TEST(Judge, SaysWhatSpeaksForADevice) {
  AdapterInfo info = adapter("x", AdapterType::integrated, 8);
  info.memory = {{0, true, true, true, true}};
  std::string all;
  for (const std::string& reason : judge(info).reasons_for) all += reason + "\n";
  for (const char* part : {"IntegratedGpu", "8.0 GiB", "shared with the host"}) EXPECT_CONTAINS(all, part);
}

struct QueueCase {
  const char* what;
  std::vector<QueueFamily> families;  // count, graphics, compute, transfer, timestamp bits
  uint32_t family;
  std::optional<std::pair<uint32_t, uint32_t>> transfer;
};

TEST(ChooseQueues, OneForEverythingAndOneForCopies) {
  const QueueCase cases[] = {
      {"a CPU driver", {{1, true, true, true, 64}}, 0, {}},
      {"a discrete card",
       {{16, true, true, true, 64}, {2, false, false, true, 64}, {8, false, true, true, 64}},
       0,
       {{1, 0}}},
      {"asynchronous compute only", {{1, true, true, true, 64}, {4, false, true, true, 64}}, 0, {{1, 0}}},
      {"two queues of one kind", {{2, true, true, true, 64}}, 0, {{0, 1}}},
      {"no graphics", {{1, false, false, true, 0}, {1, false, true, true, 64}}, 1, {{0, 0}}},
      {"compute alone", {{1, false, true, true, 64}}, 0, {}},
      {"graphics later", {{1, false, true, true, 64}, {1, true, true, true, 64}}, 1, {{0, 0}}},
  };
  for (const QueueCase& one : cases) {
    AdapterInfo info = adapter("x", AdapterType::discrete);
    info.queues = one.families;
    const QueueChoice choice = choose_queues(info);
    EXPECT_EQ(choice.family, one.family) << one.what;
    ASSERT_EQ(choice.transfer.has_value(), one.transfer.has_value()) << one.what;
    if (!choice.transfer) continue;
    EXPECT_EQ(choice.transfer->family, one.transfer->first) << one.what;
    EXPECT_EQ(choice.transfer->index, one.transfer->second) << one.what;
  }
}

}  // namespace
}  // namespace forge::vk
