#include "forge/vk/compile_ahead.hpp"

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

/// A cache folder that nobody has used; the one before comes back.
class FreshCache {
 public:
  FreshCache() {
    const char* before = getenv(kName);
    if (before) before_ = before;
    std::string folder = (std::filesystem::temp_directory_path() / "vf-ahead-XXXXXX").string();
    const char* const made = mkdtemp(folder.data());
    if (!made) throw std::runtime_error("no folder for a fresh cache: " + folder);
    folder_ = made;
    setenv(kName, folder_.c_str(), 1);
  }
  ~FreshCache() {
    if (before_)
      setenv(kName, before_->c_str(), 1);
    else
      unsetenv(kName);
    std::filesystem::remove_all(folder_);
  }

 private:
  static constexpr const char* kName = "VULKAN_FORGE_CACHE_DIR";
  std::optional<std::string> before_;
  std::string folder_;
};

class CompileAheadTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !own_device()->compile_ahead()) GTEST_SKIP() << "nothing is to be gained on this driver";
  }

  /// Kernels of different texts, each of which adds its number.
  std::vector<std::unique_ptr<shader::Kernel>> kernels(const std::shared_ptr<Device>& device, int count) {
    std::vector<std::unique_ptr<shader::Kernel>> made;
    for (int i = 0; i < count; ++i)
      made.push_back(kernel_of(device,
                               "layout(local_size_x = 32) in; layout(binding = 0) buffer X { uint x[]; };\n"
                               "layout(push_constant) uniform P { uint a; };\n"
                               "void main() { uint i = gl_GlobalInvocationID.x; if (i < a) x[i] += " +
                                   std::to_string(i + 1) + "u; }\n"));
    return made;
  }

  /// A device may have a kernel of its own as well.
  static bool reaches(const CompileAhead& ahead, uint64_t count) {
    for (int i = 0; i < 1000 && ahead.count() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return ahead.count() >= count && ahead.count() <= count + 1;
  }
};

TEST_F(CompileAheadTest, KernelsThatNobodyHasRunAreRunElsewhereFirst) {
  const FreshCache cache;
  const auto device = own_device();
  const std::string before = live(*device);
  {
    const auto list = kernels(device, 5);
    EXPECT_TRUE(reaches(*device->compile_ahead(), 5)) << device->compile_ahead()->count();
    const auto words = buffer_of(device, {7, 7});
    for (const auto& kernel : list) run(*kernel, {raw("x", words), value("a", 2u)}, threads(1));
    EXPECT_EQ(words_of(words), (std::vector<uint32_t>{22, 22}));
  }
  device->wait_idle();
  EXPECT_EQ(live(*device), before);
}

TEST_F(CompileAheadTest, WhatWasRunBeforeIsLeftToTheDevice) {
  const FreshCache cache;
  {
    const auto device = own_device();
    const auto list = kernels(device, 5);
    EXPECT_TRUE(reaches(*device->compile_ahead(), 5));
  }
  const auto device = own_device();
  const auto list = kernels(device, 5);
  EXPECT_EQ(device->compile_ahead()->starts(), 0u);
}

TEST_F(CompileAheadTest, FewAreNotWorthIt) {
  const FreshCache cache;
  const auto device = own_device();
  const auto list = kernels(device, 1);
  EXPECT_EQ(device->compile_ahead()->starts(), 0u);
}

TEST_F(CompileAheadTest, ADeviceMayGoWhileKernelsWait) {
  const FreshCache cache;
  for (int i = 0; i < 4; ++i) {
    const auto device = own_device();
    const auto list = kernels(device, 12);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * i));
  }
}

TEST_F(CompileAheadTest, OnceStoppedItStaysSo) {
  const FreshCache cache;
  const auto device = own_device();
  CompileAhead::stop_all();
  const auto list = kernels(device, 5);
  EXPECT_EQ(device->compile_ahead()->starts(), 0u);
}

TEST_F(CompileAheadTest, FaultsThatATestMeansDoNotReachIt) {
  const FreshCache cache;
  const auto device = own_device();
  const auto list = kernels(device, 2);
  fault::inject("vkCreateComputePipelines", VK_ERROR_OUT_OF_HOST_MEMORY, 5);  // behind the next five of this thread
  const auto more = kernels(device, 5);  // two of which are known
  EXPECT_TRUE(reaches(*device->compile_ahead(), 5));
  EXPECT_EQ(device->compile_ahead()->starts(), 1u);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, kernels(device, 6));
}

TEST_F(CompileAheadTest, CanBeSwitchedOff) {
  setenv("VULKAN_FORGE_COMPILE_AHEAD", "0", 1);
  const auto device = own_device();
  unsetenv("VULKAN_FORGE_COMPILE_AHEAD");
  EXPECT_EQ(device->compile_ahead(), nullptr);
}

}  // namespace
}  // namespace forge::vk
