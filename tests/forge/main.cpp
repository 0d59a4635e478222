#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "forge/support/device.hpp"
#include "forge/vk/instance.hpp"

// Devices and the instance go before the messages are counted: an object that outlives its device is one of them.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const int failed = RUN_ALL_TESTS();
  forge::test::drop_shared_device();
  forge::vk::release_default_device();
  forge::vk::Instance::release();
  const char* validation = std::getenv("VULKAN_FORGE_VALIDATION");
  if (!validation || !*validation || *validation == '0') return failed;
  const size_t messages = forge::vk::validation_messages().size();
  std::printf("%zu messages of the validation layers\n", messages);
  return failed || messages > 0;
}
