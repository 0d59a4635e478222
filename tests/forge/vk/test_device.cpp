#include "forge/vk/device.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "forge/core/file_cache.hpp"
#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;
namespace fs = std::filesystem;

class DeviceItself : public DeviceTest {};

void expect_works(const std::shared_ptr<Device>& device) {
  auto kernel = kernel_of(device, kAdd);
  const auto buffer = buffer_of(device, std::vector<uint32_t>(8, 1));
  run(*kernel, {raw("c", buffer), value("n", 8), value("add", 1)}, threads(8));
  EXPECT_EQ(words_of(buffer), std::vector<uint32_t>(8, 2));
}

TEST_F(DeviceItself, EachStepOfOpeningMayFailAndLeavesNothing) {
  for (const char* call : {"vkCreateDevice", "vkCreateSemaphore", "vmaCreateAllocator"}) {
    fault::inject(call, VK_ERROR_OUT_OF_HOST_MEMORY);
    const Error error = error_of([] { own_device(); });
    EXPECT_EQ(error.code(), ErrorCode::OUT_OF_HOST_MEMORY) << call;
    EXPECT_CONTAINS(error.what(), call);
  }
  expect_works(own_device());
}

TEST_F(DeviceItself, ARefusedPipelineCacheIsLeftOut) {
  fault::inject("vkCreatePipelineCache", VK_ERROR_UNKNOWN);
  expect_works(own_device());
  fault::inject("vkCreatePipelineCache", VK_ERROR_OUT_OF_HOST_MEMORY, 0, 2);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, own_device());
}

TEST_F(DeviceItself, DamagedPipelineCachesAreNoMatter) {
  std::string name = (fs::temp_directory_path() / "vf-device-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const char* former = std::getenv("VULKAN_FORGE_CACHE_DIR");
  const std::string kept = former ? former : "";
  setenv("VULKAN_FORGE_CACHE_DIR", name.c_str(), 1);
  const AdapterInfo& info = device_->info();
  const std::string key = "pipeline " + info.uuid + " " + info.driver_uuid + " " + std::to_string(info.driver_version);
  for (const std::string& blob : {std::string(), std::string(10, 'x'), std::string(5000, '\xA5')}) {
    ASSERT_TRUE(FileCache::open("pipelines").store(key, blob));
    expect_works(own_device());
  }
  expect_works(own_device());
  former ? setenv("VULKAN_FORGE_CACHE_DIR", kept.c_str(), 1) : unsetenv("VULKAN_FORGE_CACHE_DIR");
  fs::remove_all(name);
}

TEST_F(DeviceItself, TheOpenedOneIsTheOneWished) {
  DeviceOptions options;
  options.wish.text = device_->info().uuid;
  EXPECT_EQ(Device::open(options)->info().uuid, device_->info().uuid);
  options.wish.text = "no such device";
  EXPECT_CODE(NO_DEVICE, Device::open(options));
}

TEST_F(DeviceItself, TheEnvironmentNamesTheDefault) {
  setenv("VULKAN_FORGE_DEVICE", "some name", 1);
  setenv("VULKAN_FORGE_PREFER_SOFTWARE", "1", 1);
  setenv("VULKAN_FORGE_FORCE_STAGING", "0", 1);
  const DeviceOptions options = options_from_environment();
  unsetenv("VULKAN_FORGE_DEVICE");
  unsetenv("VULKAN_FORGE_PREFER_SOFTWARE");
  unsetenv("VULKAN_FORGE_FORCE_STAGING");
  EXPECT_EQ(options.wish.text, "some name");
  EXPECT_TRUE(options.wish.prefer_software);
  EXPECT_FALSE(options.force_staging);
}

TEST_F(DeviceItself, MissingFeaturesAreNamedWithTheirUse) {
  EXPECT_NO_THROW(device_->require("timelineSemaphore", "time"));
  const Error error = error_of([&] { device_->require("warpDrive", "faster than light"); });
  EXPECT_EQ(error.code(), ErrorCode::MISSING_FEATURE);
  for (const char* part : {"warpDrive", "faster than light", device_->info().name.c_str()})
    EXPECT_CONTAINS(error.what(), part);
}

TEST_F(DeviceItself, SamplersAreMadeOnceForEachKind) {
  std::vector<VkSampler> samplers;
  for (const auto kind : {SamplerKind::nearest_clamp, SamplerKind::linear_clamp, SamplerKind::nearest_repeat,
                          SamplerKind::linear_repeat}) {
    samplers.push_back(device_->sampler(kind));
    EXPECT_EQ(device_->sampler(kind), samplers.back());
  }
  const auto device = own_device();
  fault::inject("vkCreateSampler", VK_ERROR_TOO_MANY_OBJECTS);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, device->sampler(SamplerKind::linear_clamp));
  EXPECT_NE(device->sampler(SamplerKind::linear_clamp), VkSampler{VK_NULL_HANDLE});
}

TEST_F(DeviceItself, SharedObjectsAreMadeOnceAndGoWithTheDevice) {
  auto device = own_device();
  const char key{}, other{};
  int made = 0;
  const auto make = [&] { return ++made, std::make_shared<int>(made); };
  EXPECT_EQ(device->shared_object<int>(&key, make), 1);
  EXPECT_EQ(device->shared_object<int>(&key, make), 1);
  EXPECT_EQ(device->shared_object<int>(&other, make), 2);
  std::weak_ptr<int> watched;
  const char third{};
  device->shared_object<int>(&third, [&] {
    const auto value = std::make_shared<int>(3);
    watched = value;
    return value;
  });
  EXPECT_FALSE(watched.expired());
  device.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(DeviceItself, SeveralMayBeOpenAtOnceOnManyThreads) {
  std::vector<std::thread> opening;
  std::atomic<int> failures{0};
  for (int i = 0; i < 4; ++i)
    opening.emplace_back([&] {
      try {
        expect_works(own_device());
      } catch (const Error&) {
        ++failures;
      }
    });
  for (std::thread& thread : opening) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace forge::vk
