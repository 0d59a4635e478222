#include "forge/graphics/scene.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "forge/support/device.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

constexpr std::array<uint8_t, 4> kBehind{39, 39, 48, 255};

class SceneTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  }
  static SceneOptions options(uint32_t grid = 64) { return {.grid = grid, .colormap = colormap_lut("viridis")}; }
  static std::vector<uint8_t> picture(Scene& scene) {
    std::vector<uint8_t> pixels(size_t{scene.width()} * scene.height() * 4);
    scene.render(pixels.data());
    return pixels;
  }
  static size_t drawn(const std::vector<uint8_t>& pixels) {
    size_t count = 0;
    for (size_t i = 0; i < pixels.size(); i += 4) count += !std::equal(kBehind.begin(), kBehind.end(), &pixels[i]);
    return count;
  }
  static std::vector<float> hill(size_t side, float height = 0.5f) {
    std::vector<float> heights;
    for (size_t r = 0; r < side; ++r)
      for (size_t c = 0; c < side; ++c) {
        const double x = 2.0 * static_cast<double>(c) / static_cast<double>(side - 1) - 1,
                     z = 2.0 * static_cast<double>(r) / static_cast<double>(side - 1) - 1;
        heights.push_back(height * static_cast<float>(std::exp(-4 * (x * x + z * z))));
      }
    return heights;
  }
};

TEST_F(SceneTest, TheUniformsAreTheContracts) {
  Scene scene(device_, 80, 60, options());
  const SceneUniforms& block = scene.uniforms();
  EXPECT_EQ(block.view, look_at({{3, 2, 3}, {0, 0, 0}, {0, 1, 0}}).column_major());
  EXPECT_EQ(block.projection, perspective({45, 80.0 / 60, 0.1, 100}).column_major());
  std::array<float, 44> floats;
  std::memcpy(floats.data(), &block, sizeof block);
  EXPECT_NEAR(floats[32], 0.447214, 1e-6);
  EXPECT_NEAR(floats[33], 0.715542, 1e-6);
  EXPECT_NEAR(floats[34], 0.536656, 1e-6);
  for (size_t i = 35; i < 39; ++i) EXPECT_EQ(floats[i], 1) << i;
  for (size_t i = 39; i < 44; ++i) EXPECT_EQ(floats[i], 0) << i;
}

TEST_F(SceneTest, ItDrawsBeforeAnyHeightsAndOtherwiseAfter) {
  Scene scene(device_, 96, 64, options());
  const auto own = picture(scene);
  EXPECT_GT(drawn(own), 300u);
  EXPECT_EQ(picture(scene), own);
  const auto heights = hill(33);
  scene.set_heights(heights, 33, 33);
  const auto given = picture(scene);
  EXPECT_NE(given, own);
  EXPECT_EQ(scene.metrics().upload_bytes, 33u * 33 * 4);
  EXPECT_EQ(scene.metrics().readback_bytes, 96u * 64 * 4);
  EXPECT_EQ(picture(scene), given);
  EXPECT_EQ(scene.metrics().upload_bytes, 0u) << "they are there already";
}

TEST_F(SceneTest, StagedMemoryGivesTheSameBytes) {
  Scene plain(device_, 64, 64, options()), staged(own_device(true), 64, 64, options());
  EXPECT_EQ(picture(staged), picture(plain));
  const auto heights = hill(40);
  for (Scene* scene : {&plain, &staged}) scene->set_heights(heights, 40, 40);
  EXPECT_EQ(picture(staged), picture(plain));
}

TEST_F(SceneTest, TheCameraMovesAndBadOnesChangeNothing) {
  Scene scene(device_, 64, 64, options());
  const auto before = picture(scene);
  const SceneUniforms block = scene.uniforms();
  EXPECT_CODE(INVALID_ARGUMENT, scene.set_camera({{0, 0, 0}, {0, 0, 0}, {0, 1, 0}}, 45, 0.1, 100));
  EXPECT_CODE(INVALID_ARGUMENT, scene.set_camera({{0, 0, 3}, {0, 0, 0}, {0, 1, 0}}, 0, 0.1, 100));
  EXPECT_EQ(std::memcmp(&block, &scene.uniforms(), sizeof block), 0);
  EXPECT_EQ(picture(scene), before);
  scene.set_camera({{0, 4, 1}, {0, 0, 0}, {0, 1, 0}}, 45, 0.1, 100);
  EXPECT_NE(picture(scene), before);
}

TEST_F(SceneTest, HolesShowTheBackground) {
  Scene scene(device_, 64, 64, options());
  for (const float missing : {NAN, INFINITY, -INFINITY}) {
    const std::vector<float> holes(16, missing);
    scene.set_heights(holes, 4, 4);
    EXPECT_EQ(drawn(picture(scene)), 0u) << missing;
  }
}

TEST_F(SceneTest, HeightsOfEveryShapeAreDrawn) {
  for (const auto& [rows, columns] :
       {std::pair<size_t, size_t>{1, 1}, {1, 257}, {257, 1}, {2, 3}, {3, 2}, {2, 2}, {7, 500}})
    for (const uint32_t grid : {2u, 3u, 200u}) {
      Scene scene(device_, 40, 30, options(grid));
      scene.set_heights(std::vector<float>(rows * columns, 0.1f), rows, columns);
      EXPECT_GT(drawn(picture(scene)), 50u) << rows << " x " << columns << " on " << grid;
    }
}

TEST_F(SceneTest, WhatCannotBeMadeIsRefused) {
  for (const uint32_t grid : {0u, 1u, Scene::kMostGrid + 1, ~0u})
    EXPECT_CODE(INVALID_ARGUMENT, Scene(device_, 8, 8, options(grid)));
  EXPECT_CODE(INVALID_ARGUMENT, Scene(device_, 0, 8, options()));
  EXPECT_CODE(LIMIT_EXCEEDED, Scene(device_, device_->limits().max_target + 1, 8, options()));
  Scene scene(device_, 8, 8, options());
  EXPECT_CODE(BAD_SHAPE, scene.set_heights({}, 0, 5));
}

TEST_F(SceneTest, TheFormatOfColoursIsThatOfItsConstruction) {
  setenv("VF_FORCE_LUT_UNORM", "", 1);
  Scene forced(device_, 64, 64, options());
  unsetenv("VF_FORCE_LUT_UNORM");
  Scene plain(device_, 64, 64, options());
  EXPECT_EQ(forced.lut_format(), LutFormat::linear);
  EXPECT_EQ(plain.lut_format(), lut_format(*device_));
  const auto a = picture(plain), b = picture(forced);
  int most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  EXPECT_LE(most, 8) << "dark bytes of a linear table are coarse, no more";
}

TEST_F(SceneTest, AFailedPictureIsFollowedByTheRightOne) {
  Scene reference(device_, 64, 64, options());
  const auto heights = hill(20);
  reference.set_heights(heights, 20, 20);
  const auto wanted = picture(reference);
  for (const char* call : {"vkQueueSubmit", "vkEndCommandBuffer", "vmaCreateBuffer", "vmaCreateImage"})
    for (uint32_t skip = 0; skip < 4; ++skip) {
      Scene scene(device_, 64, 64, options());
      scene.set_heights(heights, 20, 20);
      device_->trim();
      vk::fault::inject(call, VK_ERROR_OUT_OF_DEVICE_MEMORY, skip, 2);  // allocation tries twice
      std::vector<uint8_t> pixels(64 * 64 * 4);
      try {
        scene.render(pixels.data());
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::OUT_OF_DEVICE_MEMORY) << error.what();
      }
      vk::fault::clear();
      EXPECT_TRUE(picture(scene) == wanted) << call << " after " << skip;
    }
}

}  // namespace
}  // namespace forge::graphics
