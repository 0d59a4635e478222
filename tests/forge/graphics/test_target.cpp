#include "forge/graphics/target.hpp"

#include <bit>

#include "forge/support/draw.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

class TargetTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  }
  std::vector<uint32_t> cleared(const Target& target, std::array<float, 4> linear) {
    vk::Commands commands(device_);
    target.draw(commands, {}, linear);
    const vk::BufferRef texels = target.read(commands, {}, target.whole());
    device_->wait(commands.submit());
    std::vector<uint32_t> words(texels.size / 4);
    copy_out(words.data(), texels);
    return words;
  }
};

TEST_F(TargetTest, ClearsInLinearLight) {
  const Target target(device_, 5, 3);
  const auto words = cleared(target, {1, 0.5f, 0, 1});
  ASSERT_EQ(words.size(), 15u);
  for (const uint32_t word : words) {
    EXPECT_EQ(word & 255, 255u);
    EXPECT_NEAR(word >> 8 & 255, 188, 1) << "half of the light is 188 in sRGB";
    EXPECT_EQ(word >> 16 & 255, 0u);
    EXPECT_EQ(word >> 24, 255u);
  }
}

TEST_F(TargetTest, OtherFormatsAndManySamples) {
  const Target plain(device_, 4, 4, {.colors = {VK_FORMAT_R8G8B8A8_UNORM}, .depth = VK_FORMAT_UNDEFINED});
  EXPECT_NEAR(cleared(plain, {0.5f, 0, 0, 1})[0] & 255, 128, 1);
  EXPECT_EQ(plain.bytes({}), 4u);
  const Target smooth(device_, 4, 4, {.colors = {VK_FORMAT_R8G8B8A8_UNORM}, .samples = supported_samples(*device_, 4)});
  EXPECT_EQ(cleared(smooth, {1, 1, 1, 1}), std::vector<uint32_t>(16, 0xFFFFFFFF));
  const Target floats(device_, 2, 2, {.colors = {VK_FORMAT_R32G32B32A32_SFLOAT}});
  EXPECT_EQ(floats.bytes({}), 16u);
  EXPECT_EQ(std::bit_cast<float>(cleared(floats, {7.25f, 0, 0, 1})[0]), 7.25f);
}

TEST_F(TargetTest, DrawsWithoutAClearAddToThePicture) {
  const Target target(device_, 4, 4);
  vk::Commands commands(device_);
  target.draw(commands, {}, std::array<float, 4>{1, 1, 1, 1});
  target.draw(commands, {}, {});
  const vk::BufferRef texels = target.read(commands, {}, target.whole());
  device_->wait(commands.submit());
  EXPECT_EQ(words_of(texels), std::vector<uint32_t>(16, 0xFFFFFFFF));
}

TEST_F(TargetTest, DepthIsReadWhereItIs) {
  const Target target(device_, 4, 4);
  vk::Commands commands(device_);
  target.draw(commands, {}, std::array<float, 4>{0, 0, 0, 1});
  const vk::BufferRef depths = target.read(commands, {Plane::Kind::depth}, {1, 1, 2, 2});
  device_->wait(commands.submit());
  for (const uint32_t word : words_of(depths)) EXPECT_EQ(std::bit_cast<float>(word), 1.0f);
  EXPECT_EQ(depths.size, 16u);
  const Target flat(device_, 4, 4, {.depth = VK_FORMAT_UNDEFINED});
  vk::Commands second(device_);
  EXPECT_CODE(WRONG_STATE, flat.read(second, {Plane::Kind::depth}, flat.whole()));
}

TEST_F(TargetTest, RegionsOutsideAreRefused) {
  const Target target(device_, 8, 4);
  vk::Commands commands(device_);
  target.draw(commands, {}, std::array<float, 4>{0, 0, 0, 1});
  for (const vk::ImageRegion& region :
       {vk::ImageRegion{0, 0, 9, 1}, {0, 0, 1, 5}, {8, 0, 1, 1}, {0, 0, 0, 1}, {1, 0, ~0u, 1}, {~0u, 0, 2, 1}})
    EXPECT_CODE(OUT_OF_RANGE, target.read(commands, {}, region));
  EXPECT_NO_THROW(target.read(commands, {}, {7, 3, 1, 1}));
}

TEST_F(TargetTest, WhatCannotBeMadeIsRefused) {
  EXPECT_CODE(INVALID_ARGUMENT, Target(device_, 0, 4));
  EXPECT_CODE(INVALID_ARGUMENT, Target(device_, 4, 0));
  EXPECT_CODE(LIMIT_EXCEEDED, Target(device_, device_->limits().max_target + 1, 4));
  EXPECT_CODE(MISSING_FEATURE, Target(device_, 4, 4, {.samples = 3}));
  EXPECT_CODE(MISSING_FEATURE, Target(device_, 4, 4, {.samples = 0}));
  EXPECT_CODE(MISSING_FEATURE, Target(device_, 4, 4, {.samples = 64}));
  EXPECT_CODE(MISSING_FEATURE, Target(device_, 4, 4, {.colors = {VK_FORMAT_D32_SFLOAT}}));
}

TEST_F(TargetTest, SamplesFallToWhatTheDeviceHas) {
  EXPECT_EQ(supported_samples(*device_, 0), 1u);
  EXPECT_EQ(supported_samples(*device_, 1), 1u);
  for (const uint32_t wanted : {2u, 3u, 4u, 8u, 100u}) {
    const uint32_t got = supported_samples(*device_, wanted);
    EXPECT_LE(got, wanted);
    EXPECT_TRUE(got == 1 || device_->limits().color_sample_counts & got);
  }
}

TEST_F(TargetTest, KnowsWhetherAPictureWasDrawn) {
  Target target(device_, 4, 4);
  target.prepare();
  EXPECT_FALSE(target.is_drawn());
  {
    vk::Commands dropped(device_);
    target.draw(dropped, {}, Clear{});
  }
  EXPECT_FALSE(target.is_drawn()) << "recorded is not drawn";
  vk::fault::inject("vkQueueSubmit", VK_ERROR_OUT_OF_DEVICE_MEMORY, 0);
  vk::Commands failing(device_);
  target.draw(failing, {}, Clear{});
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, failing.submit());
  vk::fault::clear();
  EXPECT_FALSE(target.is_drawn());
  vk::Commands commands(device_);
  target.draw(commands, {}, Clear{});
  device_->wait(commands.submit());
  EXPECT_TRUE(target.is_drawn());
}

TEST_F(TargetTest, AttachmentsAreClearedAndReadApart) {
  const Target target(device_, 3, 2, {.colors = {VK_FORMAT_R32_SFLOAT, VK_FORMAT_R32_UINT}});
  Clear clear;
  clear.colors.resize(2);
  clear.colors[0].float32[0] = 0.5f;
  clear.colors[1].uint32[0] = 7;
  vk::Commands commands(device_);
  target.draw(commands, {}, clear);
  const vk::BufferRef values = target.read(commands, {}, target.whole());
  const vk::BufferRef ids = target.read(commands, {Plane::Kind::color, 1}, {1, 0, 2, 2});
  EXPECT_CODE(OUT_OF_RANGE, target.read(commands, {Plane::Kind::color, 2}, target.whole()));
  EXPECT_CODE(WRONG_STATE, target.read(commands, {Plane::Kind::stencil}, target.whole()));
  device_->wait(commands.submit());
  EXPECT_EQ(words_of(values), std::vector<uint32_t>(6, std::bit_cast<uint32_t>(0.5f)));
  EXPECT_EQ(words_of(ids), std::vector<uint32_t>(4, 7));
  EXPECT_CODE(INVALID_ARGUMENT, Target(device_, 2, 2, {.colors = {VK_FORMAT_R32_UINT}, .samples = 4}));
  EXPECT_CODE(INVALID_ARGUMENT, Target(device_, 2, 2, {.colors = {}, .depth = VK_FORMAT_UNDEFINED}));
}

TEST(Depths, OfTwentyFourBitsBecomeFloats) {
  const uint32_t packed[] = {0, 0xFF000000, 0xFFFFFF, 0x05FFFFFF, 0x00800000};
  float depths[5];
  for (int i = 0; i < 5; ++i) depths[i] = std::bit_cast<float>(packed[i]);
  unpack_depths(depths, 5, VK_FORMAT_D24_UNORM_S8_UINT);
  const float wanted[] = {0, 0, 1, 1, static_cast<float>(0x800000 / static_cast<double>(0xFFFFFF))};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(depths[i], wanted[i]) << i;
  float untouched = 0.25f;
  unpack_depths(&untouched, 1, VK_FORMAT_D32_SFLOAT);
  EXPECT_EQ(untouched, 0.25f);
}

TEST_F(TargetTest, DepthOfManySamplesIsResolved) {
  const uint32_t samples = supported_samples(*device_, 4);
  const Target target(device_, 3, 2, {.samples = samples});
  Clear clear;
  clear.depth = 0.25f;
  vk::Commands commands(device_);
  target.draw(commands, {}, clear);
  const vk::BufferRef depths = target.read(commands, {Plane::Kind::depth}, target.whole());
  device_->wait(commands.submit());
  EXPECT_EQ(words_of(depths), std::vector<uint32_t>(6, std::bit_cast<uint32_t>(0.25f)));
}

TEST_F(TargetTest, AFailureWhileItIsMadeLeavesNothing) {
  const std::string before = live(*device_);
  for (uint32_t skip = 0; skip < 2; ++skip) {
    vk::fault::inject("vmaCreateImage", VK_ERROR_OUT_OF_DEVICE_MEMORY, skip);
    EXPECT_CODE(OUT_OF_DEVICE_MEMORY, Target(device_, 4, 4));
    vk::fault::clear();
    EXPECT_EQ(live(*device_), before) << skip;
  }
}

}  // namespace
}  // namespace forge::graphics
