#include "forge/vk/instance.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "forge/support/device.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class InstanceTest : public DeviceTest {
 protected:
  // Each test starts without one. The shared device holds its own, so it has to go first.
  void SetUp() override {
    DeviceTest::SetUp();
    if (!device_) return;
    device_.reset();
    drop_shared_device();
    release_default_device();
    Instance::release();
  }
  void TearDown() override {
    fault::clear();
    DeviceTest::TearDown();
  }
};

TEST_F(InstanceTest, ThereIsOneAndItGoesWithItsLastUser) {
  auto first = Instance::get();
  EXPECT_EQ(Instance::get(), first);
  Instance::release();
  std::weak_ptr<Instance> watched = first;
  EXPECT_EQ(Instance::get(), first) << "still alive through its holder";
  Instance::release();
  first.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_NE(Instance::get()->handle(), VkInstance{VK_NULL_HANDLE});
}

TEST_F(InstanceTest, NoLoaderSaysWhatToInstall) {  // in a process of its own: a loader once found stays
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  EXPECT_EQ(std::system(
                ("'" + self + "' --gtest_filter=InstanceChild.* --gtest_also_run_disabled_tests > /dev/null").c_str()),
            0);
}

TEST(InstanceChild, DISABLED_NoLoader) {
  fault::inject("volkInitialize", VK_ERROR_INITIALIZATION_FAILED);
  const Error error = error_of([] { Instance::get(); });
  EXPECT_EQ(error.code(), ErrorCode::NO_DRIVER);
  EXPECT_CONTAINS(error.what(), "libvulkan1");
  EXPECT_NO_THROW(Instance::get()) << "installed meanwhile";
}

TEST_F(InstanceTest, NoDriverSaysWhatToInstall) {
  fault::inject("vkCreateInstance", VK_ERROR_INCOMPATIBLE_DRIVER);
  const Error error = error_of([] { own_device(); });
  EXPECT_EQ(error.code(), ErrorCode::NO_DRIVER);
  EXPECT_CONTAINS(error.what(), "mesa-vulkan-drivers");
  EXPECT_EQ(error.vk_result(), VK_ERROR_INCOMPATIBLE_DRIVER);
  fault::inject("vkCreateInstance", VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, own_device());
}

TEST_F(InstanceTest, DriversThatFailToStartAreNoDevice) {
  fault::inject("vkEnumeratePhysicalDevices", VK_ERROR_INITIALIZATION_FAILED);
  const Error error = error_of([] { own_device(); });
  EXPECT_EQ(error.code(), ErrorCode::NO_DEVICE);
  EXPECT_CONTAINS(error.what(), "no Vulkan device at all");
  fault::inject("vkEnumeratePhysicalDevices", VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, own_device());
}

/// What a forked child says: its exit status, which must come by itself.
template <class Child>
int in_child(const Child& child) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(20);
    _exit(child());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

template <class Call>
bool refused_as_forked(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() == ErrorCode::FORKED;
  }
  return false;
}

TEST_F(InstanceTest, AForkedChildIsRefusedAndLeavesTheParentAlone) {
  auto device = own_device();
  auto buffer = buffer_of(device, {1, 2, 3});
  const int status = in_child([&] {
    if (!refused_as_forked([] { Instance::get(); })) return 1;
    if (!refused_as_forked([&] { Commands commands(device); })) return 2;
    if (!refused_as_forked([&] { Buffer::create(device, 4, Memory::device); })) return 3;
    buffer.reset();  // touches no driver
    device.reset();
    return 0;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(words_of(buffer), (std::vector<uint32_t>{1, 2, 3}));
}

}  // namespace
}  // namespace forge::vk
