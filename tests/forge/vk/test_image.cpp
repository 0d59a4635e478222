#include "forge/vk/image.hpp"

#include <cstring>

#include "forge/support/device.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class ImageTest : public DeviceTest {
 protected:
  ImageSpec spec_of(VkFormat format, uint32_t width, uint32_t height) {
    ImageSpec spec;
    spec.format = format;
    spec.width = width;
    spec.height = height;
    spec.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    spec.home = VK_IMAGE_LAYOUT_GENERAL;
    return spec;
  }
};

constexpr VkFormat kFormats[] = {VK_FORMAT_R8_UNORM,
                                 VK_FORMAT_R8_UINT,
                                 VK_FORMAT_R16_SFLOAT,
                                 VK_FORMAT_R8G8B8A8_UNORM,
                                 VK_FORMAT_R8G8B8A8_SRGB,
                                 VK_FORMAT_R32_SFLOAT,
                                 VK_FORMAT_R32_UINT,
                                 VK_FORMAT_R32_SINT,
                                 VK_FORMAT_R16G16B16A16_SFLOAT,
                                 VK_FORMAT_R32G32_SFLOAT,
                                 VK_FORMAT_R32G32B32A32_SFLOAT,
                                 VK_FORMAT_D32_SFLOAT};

TEST_F(ImageTest, TexelsOfEveryFormatComeBack) {
  for (const VkFormat format : kFormats) {
    if (!format_supported(*device_, format, VK_FORMAT_FEATURE_TRANSFER_SRC_BIT | VK_FORMAT_FEATURE_TRANSFER_DST_BIT))
      continue;
    for (const auto& [width, height] : {std::pair{1u, 1u}, {7u, 5u}, {64u, 33u}}) {
      const auto image = Image::create(device_, spec_of(format, width, height));
      EXPECT_EQ(image->byte_size(), uint64_t{width} * height * format_info(format).bytes);
      const size_t words = (image->byte_size() + 3) / 4;
      std::vector<uint32_t> in = noise(words, width);
      for (uint32_t& word : in) word &= 0x3F3F3F3F;  // finite, and a depth between 0 and 1
      const auto up = buffer_of(device_, in);
      const auto down = buffer_of(device_, std::vector<uint32_t>(words));
      Commands commands(device_);
      commands.upload_image(up, image, {0, 0, width, height});
      commands.read_image(image, {0, 0, width, height}, down);
      commands.submit();
      const auto out = words_of(down);
      EXPECT_EQ(std::memcmp(in.data(), out.data(), image->byte_size()), 0) << "format " << format << " " << width;
    }
  }
}

TEST_F(ImageTest, RegionsTouchNothingElse) {
  const auto image = Image::create(device_, spec_of(VK_FORMAT_R32_UINT, 8, 6));
  const auto background = buffer_of(device_, std::vector<uint32_t>(48, 1));
  const auto patch = buffer_of(device_, {10, 11, 12, 13, 14, 15});
  const auto all = buffer_of(device_, std::vector<uint32_t>(48)), part = buffer_of(device_, std::vector<uint32_t>(4));
  Commands commands(device_);
  commands.upload_image(background, image, {0, 0, 8, 6});
  commands.upload_image(patch, image, {2, 3, 3, 2});
  commands.read_image(image, {0, 0, 8, 6}, all);
  commands.read_image(image, {3, 3, 2, 2}, part);
  commands.submit();
  const auto words = words_of(all);
  for (uint32_t y = 0; y < 6; ++y)
    for (uint32_t x = 0; x < 8; ++x) {
      const bool inside = x >= 2 && x < 5 && y >= 3 && y < 5;
      EXPECT_EQ(words[y * 8 + x], inside ? 10 + (y - 3) * 3 + x - 2 : 1u) << x << " " << y;
    }
  EXPECT_EQ(words_of(part), (std::vector<uint32_t>{11, 12, 14, 15}));
}

TEST_F(ImageTest, KeepsItsTexelsFromOneRecordingToTheNext) {
  const auto image = Image::create(device_, spec_of(VK_FORMAT_R32_UINT, 4, 4));
  const auto in = noise(16);
  {
    Commands commands(device_);
    commands.upload_image(buffer_of(device_, in), image, {0, 0, 4, 4});
    commands.submit();
  }
  for (int i = 0; i < 3; ++i) {
    const auto out = buffer_of(device_, std::vector<uint32_t>(16));
    Commands commands(device_);
    commands.read_image(image, {0, 0, 4, 4}, out);
    EXPECT_EQ(image->last_use(), commands.submit());
    EXPECT_EQ(words_of(out), in);
  }
}

TEST_F(ImageTest, ADroppedFirstUseLeavesTheNextOneFirst) {
  const auto image = Image::create(device_, spec_of(VK_FORMAT_R32_UINT, 4, 4));
  const auto in = buffer_of(device_, noise(16));
  {
    Commands dropped(device_);
    dropped.upload_image(in, image, {0, 0, 4, 4});
  }
  EXPECT_TRUE(image->claim_first_use());
  image->unclaim_first_use();
  fault::inject("vkQueueSubmit", VK_ERROR_OUT_OF_HOST_MEMORY);
  Commands commands(device_);
  commands.upload_image(in, image, {0, 0, 4, 4});
  EXPECT_CODE(OUT_OF_HOST_MEMORY, commands.submit());
  EXPECT_TRUE(image->claim_first_use());
  image->unclaim_first_use();
  const auto out = buffer_of(device_, std::vector<uint32_t>(16));
  commands.upload_image(in, image, {0, 0, 4, 4});  // the same recorder, after its failure
  commands.read_image(image, {0, 0, 4, 4}, out);
  commands.submit();
  EXPECT_EQ(words_of(out), noise(16));
}

TEST_F(ImageTest, APreparedRecordingUsesOnlyImagesThatHaveAHome) {
  const auto image = Image::create(device_, spec_of(VK_FORMAT_R32_UINT, 2, 2));
  const auto in = buffer_of(device_, {1, 2, 3, 4});
  {
    Commands commands(device_);
    commands.upload_image(in, image, {0, 0, 2, 2});
    EXPECT_CODE(INTERNAL, commands.prepare());
  }
  {
    Commands first(device_);
    first.upload_image(in, image, {0, 0, 2, 2});
    first.submit();
  }
  const auto out = buffer_of(device_, std::vector<uint32_t>(4));
  Commands commands(device_);
  commands.read_image(image, {0, 0, 2, 2}, out);
  const auto prepared = commands.prepare();
  prepared->submit();
  prepared->submit();
  EXPECT_EQ(words_of(out), (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST_F(ImageTest, BeyondTheLimitIsRefusedWithTheLimit) {
  const uint32_t most = device_->limits().max_image_2d;
  const Error error = error_of([&] { Image::create(device_, spec_of(VK_FORMAT_R8_UNORM, most + 1, 1)); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(most));
  EXPECT_CODE(LIMIT_EXCEEDED, Image::create(device_, spec_of(VK_FORMAT_R8_UNORM, 1, most + 1)));
}

TEST_F(ImageTest, UnknownFormatsAreRefused) {
  EXPECT_CODE(INVALID_ARGUMENT, format_info(VK_FORMAT_BC7_SRGB_BLOCK));
  EXPECT_CODE(INVALID_ARGUMENT, Image::create(device_, spec_of(VK_FORMAT_BC7_SRGB_BLOCK, 4, 4)));
}

TEST_F(ImageTest, ADriverThatFailsLeavesNothing) {
  const std::string before = live(*device_);
  for (const char* call : {"vmaCreateImage", "vkCreateImageView"}) {
    fault::inject(call, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    const Error error = error_of([&] { Image::create(device_, spec_of(VK_FORMAT_R8_UNORM, 4, 4)); });
    EXPECT_EQ(error.code(), ErrorCode::OUT_OF_DEVICE_MEMORY) << call;
    EXPECT_EQ(live(*device_), before) << call;
    EXPECT_NO_THROW(Image::create(device_, spec_of(VK_FORMAT_R8_UNORM, 4, 4)));
  }
}

}  // namespace
}  // namespace forge::vk
