#include "forge/graphics/color_table.hpp"

#include <cstdlib>

#include "forge/support/draw.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

class ColorTableTest : public DeviceTest {
 protected:
  void TearDown() override {
    unsetenv("VF_FORCE_LUT_UNORM");
    DeviceTest::TearDown();
  }
};

TEST_F(ColorTableTest, TheVariableIsReadAtEachCall) {
  unsetenv("VF_FORCE_LUT_UNORM");
  const LutFormat plain = lut_format(*device_);
  for (const char* value : {"1", "0", ""}) {
    setenv("VF_FORCE_LUT_UNORM", value, 1);
    EXPECT_EQ(lut_format(*device_), LutFormat::linear) << value;
    unsetenv("VF_FORCE_LUT_UNORM");
    EXPECT_EQ(lut_format(*device_), plain);
  }
}

TEST_F(ColorTableTest, FormatsHaveTheNamesThatUsersSee) {
  EXPECT_EQ(name_of(LutFormat::srgb), "Rgba8UnormSrgb");
  EXPECT_EQ(name_of(LutFormat::linear), "Rgba8Unorm");
}

TEST_F(ColorTableTest, TheTextureIsMadeOnceUntilColoursChangeOrTheRecordingIsDropped) {
  ColorTable table(device_, LutFormat::linear);
  EXPECT_EQ(table.format(), LutFormat::linear);
  table.set(colormap_lut("magma"));
  vk::Commands commands(device_);
  const vk::TextureRef first = table.record(commands);
  EXPECT_EQ(first.image->spec().width, 256u);
  EXPECT_EQ(first.image->spec().format, VK_FORMAT_R8G8B8A8_UNORM);
  EXPECT_EQ(first.sampler, vk::SamplerKind::linear_clamp);
  EXPECT_EQ(table.record(commands).image, first.image);
  device_->wait(commands.submit());
  EXPECT_EQ(table.record(commands).image, first.image);
  table.forget_recorded();
  const vk::TextureRef second = table.record(commands);
  EXPECT_NE(second.image, first.image);
  table.set(colormap_lut("viridis"));
  EXPECT_NE(table.record(commands).image, second.image);
  device_->wait(commands.submit());
}

TEST_F(ColorTableTest, AFailureWhileItIsRecordedLeavesNoTexture) {
  ColorTable table(device_, LutFormat::srgb);
  table.set(colormap_lut("magma"));
  for (const char* call : {"vmaCreateImage", "vmaCreateBuffer"}) {
    vk::Commands commands(device_);
    device_->trim();
    vk::fault::inject(call, VK_ERROR_OUT_OF_DEVICE_MEMORY, 0, 2);
    EXPECT_CODE(OUT_OF_DEVICE_MEMORY, table.record(commands));
    vk::fault::clear();
    EXPECT_NO_THROW(table.record(commands));
    device_->wait(commands.submit());
    table.forget_recorded();
  }
}

}  // namespace
}  // namespace forge::graphics
