#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "forge/support/errors.hpp"
#include "forge/vk/buffer.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/staging.hpp"

namespace forge::test {

/// The device that most tests share; null where there is none. Opened at first use.
const std::shared_ptr<vk::Device>& shared_device();
/// Why there is none.
const std::string& no_device_reason();
/// For tests that break theirs, or want another kind.
std::shared_ptr<vk::Device> own_device(bool force_staging = false);
/// Called by main before the validation messages are counted; the next test opens another.
void drop_shared_device();

/// Skips where the machine has no device, unless VULKAN_FORGE_EXPECT_DEVICE=1: then that is a failure.
class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  std::shared_ptr<vk::Device> device_;
};

std::shared_ptr<vk::Buffer> buffer_of(const std::shared_ptr<vk::Device>& device, const std::vector<uint32_t>& words,
                                      vk::Memory intent = vk::Memory::device);
std::vector<uint32_t> words_of(const vk::BufferRef& ref);

/// Numbers without a pattern that an error could repeat.
std::vector<uint32_t> noise(size_t count, uint32_t seed = 1);

/// Live objects, after everything that can go has gone.
std::string live(vk::Device& device);

}  // namespace forge::test
