#include "forge/graphics/land/land.hpp"

#include <cmath>

#include "forge/graphics/stage.hpp"
#include "forge/support/device.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

class LandTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  }
};

std::shared_ptr<Land> hill(const std::shared_ptr<vk::Device>& device, std::vector<float>& heights, uint32_t side) {
  heights.resize(size_t{side} * side);
  for (uint32_t i = 0; i < side * side; ++i)
    heights[i] = static_cast<float>(10 * std::exp(-std::hypot(i / side - side / 2.0, i % side - side / 2.0) / 8));
  Relief relief;
  relief.heights = heights.data();
  relief.rows = relief.columns = side;
  relief.north = side;
  auto land = std::make_shared<Land>(device, relief);
  LandStyle style;
  style.color_high = 10;
  style.base = -2;
  for (auto& color : style.colors) color = {0.5f, 0.4f, 0.3f, 1};
  land->set_style(style);
  return land;
}

TEST_F(LandTest, BoundsHoldTheBlock) {
  std::vector<float> heights;
  const auto land = hill(device_, heights, 32);
  const Box box = land->bounds();
  EXPECT_EQ(box.low, (Vec3{0, 0, -2}));
  EXPECT_EQ(box.high[0], 32);
  EXPECT_NEAR(box.high[2], 10, 1.5);
}

TEST_F(LandTest, IsDrawnAgainAsItWasAndAfterAFailure) {
  std::vector<float> heights;
  const auto land = hill(device_, heights, 32);
  Stage stage(device_, {48, 32, 2});
  const View view = make_view(frame_box(land->bounds(), {}, 30, 48, 32));
  const std::vector<std::shared_ptr<SceneObject>> objects{land};
  std::vector<uint8_t> first(48 * 32 * 4), again(first);
  stage.render(objects, view, {}, {1, 1, 1, 1}, first.data());
  stage.render(objects, view, {}, {1, 1, 1, 1}, again.data());
  EXPECT_EQ(first, again);
  land->forget_recorded();
  stage.render(objects, view, {}, {1, 1, 1, 1}, again.data());
  EXPECT_EQ(first, again);
  EXPECT_NE(first, std::vector<uint8_t>(first.size(), 255));
}

TEST_F(LandTest, LayersSayWherePixelsAre) {
  std::vector<float> heights;
  const auto land = hill(device_, heights, 32);
  const View view = make_view(frame_box(land->bounds(), {180, 60}, 30, 48, 32));
  const Land::Layers layers = land->layers(view);
  size_t there = 0;
  for (size_t i = 0; i < 48 * 32; ++i) {
    if (std::isnan(layers.places[3 * i])) continue;
    ++there;
    const Vec3 at = view.project({layers.places[3 * i], layers.places[3 * i + 1], layers.places[3 * i + 2]});
    EXPECT_NEAR(at[0], i % 48 + 0.5, 0.03);  // of a pixel: some drivers interpolate coarsely
    EXPECT_NEAR(at[1], i / 48 + 0.5, 0.03);
    const float* n = &layers.normals[3 * i];
    EXPECT_NEAR(std::hypot(n[0], n[1], n[2]), 1, 1e-5);
  }
  EXPECT_GT(there, 48u * 32 / 4);
}

}  // namespace
}  // namespace forge::graphics
