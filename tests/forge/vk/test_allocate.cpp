// Memory that runs out: what is only kept for later gives way, and what is left is said.
#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class Allocate : public DeviceTest {};

TEST_F(Allocate, ThePoolGivesWayAndTheCallSucceeds) {
  const auto device = own_device();
  Buffer::create(device, 1 << 20, Memory::device).reset();
  ASSERT_GT(device->counts().pooled_bytes, 0u);
  fault::inject("vmaCreateBuffer", VK_ERROR_OUT_OF_DEVICE_MEMORY);
  const auto buffer = Buffer::create(device, 5 << 20, Memory::device);
  EXPECT_EQ(device->counts().pooled_bytes, 0u) << "trimmed before the second try";
  const uint32_t word = 17;
  upload(BufferRef(buffer).part(0, 4), &word);
  EXPECT_EQ(words_of(BufferRef(buffer).part(0, 4))[0], 17u);
}

TEST_F(Allocate, TwoFailuresAreTheCallersWithSizesInTheMessage) {
  const auto held = Buffer::create(device_, 1000, Memory::device);
  const std::string before = live(*device_);
  for (const VkResult result : {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY}) {
    fault::inject("vmaCreateBuffer", result, 0, 2);
    const Error error = error_of([&] { Buffer::create(device_, 123456789, Memory::device); });
    EXPECT_EQ(error.code(), result == VK_ERROR_OUT_OF_DEVICE_MEMORY ? ErrorCode::OUT_OF_DEVICE_MEMORY
                                                                    : ErrorCode::OUT_OF_HOST_MEMORY);
    EXPECT_EQ(error.vk_result(), result);
    EXPECT_CONTAINS(error.what(), "123456789");
    EXPECT_CONTAINS(error.what(), "live buffers");
    fault::clear();
    EXPECT_EQ(live(*device_), before);
  }
  const uint32_t word = 1;
  upload(BufferRef(held).part(0, 4), &word);
  EXPECT_EQ(Buffer::create(device_, 1000, Memory::device)->size(), 1000u);
}

TEST_F(Allocate, OtherFailuresAreNotTriedTwice) {
  fault::inject("vmaCreateBuffer", VK_ERROR_UNKNOWN);
  EXPECT_CODE(DEVICE_ERROR, Buffer::create(device_, 321987, Memory::device));
}

TEST_F(Allocate, KernelsStayUsableAfterMemoryRanOut) {
  auto kernel = kernel_of(device_, kAdd);
  const auto buffer = buffer_of(device_, {1, 2, 3});
  fault::inject("vmaCreateBuffer", VK_ERROR_OUT_OF_DEVICE_MEMORY, 0, 2);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, Buffer::create(device_, 7777777, Memory::device));
  run(*kernel, {raw("c", buffer), value("n", 3), value("add", 1)}, threads(3));
  EXPECT_EQ(words_of(buffer), (std::vector<uint32_t>{2, 3, 4}));
}

TEST_F(Allocate, MemoryFollowsItsIntent) {
  const bool unified = device_->unified();
  EXPECT_EQ(Buffer::create(device_, 64, Memory::device)->mapped() != nullptr, unified);
  const auto staged = own_device(true);
  EXPECT_FALSE(staged->unified());
  EXPECT_EQ(Buffer::create(staged, 64, Memory::device)->mapped(), nullptr);
  for (const Memory intent : {Memory::upload, Memory::readback, Memory::shared})
    EXPECT_NE(Buffer::create(staged, 64, intent)->mapped(), nullptr) << name_of(intent);
}

}  // namespace
}  // namespace forge::vk
