#include "forge/graphics/renderer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "forge/support/device.hpp"

namespace forge::graphics {
namespace {

using namespace forge::test;

struct Picture {
  uint32_t width, height;
  std::vector<uint8_t> bytes;
  const uint8_t* at(uint32_t row, uint32_t column) const { return &bytes[(size_t{row} * width + column) * 4]; }
  double luminance(uint32_t row, uint32_t column) const {
    const uint8_t* p = at(row, column);
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
  }
  bool equal(uint32_t row, uint32_t column, const uint8_t* other) const {
    return std::equal(other, other + 4, at(row, column));
  }
};

class RendererTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  }
  Picture triangle(Renderer& renderer) {
    Picture picture{renderer.width(), renderer.height(),
                    std::vector<uint8_t>(size_t{renderer.width()} * renderer.height() * 4)};
    renderer.render_triangle(picture.bytes.data());
    return picture;
  }
  Picture terrain(Renderer& renderer) {
    Picture picture{renderer.width(), renderer.height(),
                    std::vector<uint8_t>(size_t{renderer.width()} * renderer.height() * 4)};
    renderer.render_terrain(picture.bytes.data());
    return picture;
  }
  static HeightField bump(size_t size) {
    std::vector<float> heights;
    for (size_t r = 0; r < size; ++r)
      for (size_t c = 0; c < size; ++c) {
        const double n = static_cast<double>(size), x = (static_cast<double>(c) - (n - 1) / 2) / n,
                     z = (static_cast<double>(r) - (n - 1) / 2) / n;
        heights.push_back(static_cast<float>(50 * std::exp(-(x * x + z * z) / (2 * 0.18 * 0.18))));
      }
    return HeightField(std::span<const float>(heights), size, size);
  }
  static HeightField flat(size_t rows, size_t columns, float height = 1) {
    return HeightField(std::span<const float>(std::vector<float>(rows * columns, height)), rows, columns);
  }
  void add(Renderer& renderer, HeightField field, double cell = 30) {
    renderer.add_terrain(std::move(field), cell, cell, colormap_lut("viridis"));
  }
};

// -- the reference triangle: section 4 of the graphics contract --

TEST_F(RendererTest, TheTriangleHasTheContractsPixels) {
  Renderer renderer(device_, 256, 256);
  EXPECT_EQ(renderer.info(), "Renderer 256x256, format=Rgba8UnormSrgb");
  const Picture picture = triangle(renderer);
  const uint8_t white[] = {255, 255, 255, 255};
  int covered = 0;
  uint32_t top = 999, bottom = 0, left = 999, right = 0;
  for (uint32_t r = 0; r < 256; ++r)
    for (uint32_t c = 0; c < 256; ++c) {
      ASSERT_EQ(picture.at(r, c)[3], 255);
      if (picture.equal(r, c, white)) continue;
      ++covered;
      top = std::min(top, r), bottom = std::max(bottom, r), left = std::min(left, c), right = std::max(right, c);
    }
  EXPECT_EQ(covered, 20808);
  EXPECT_EQ(top, 27u);
  EXPECT_EQ(bottom, 229u);
  EXPECT_EQ(left, 26u);
  EXPECT_EQ(right, 229u);
  struct Row {
    uint32_t row, column;
    int r, g, b;
  };
  for (const Row& wanted :
       {Row{27, 128, 124, 125, 254}, {128, 128, 169, 170, 203}, {200, 60, 232, 144, 153}, {220, 128, 200, 201, 134}}) {
    const uint8_t* got = picture.at(wanted.row, wanted.column);
    EXPECT_NEAR(got[0], wanted.r, 1) << wanted.row;
    EXPECT_NEAR(got[1], wanted.g, 1) << wanted.row;
    EXPECT_NEAR(got[2], wanted.b, 1) << wanted.row;
  }
}

TEST_F(RendererTest, EveryTimeTheSameBytes) {
  Renderer first(device_, 97, 61), second(device_, 97, 61);
  const Picture picture = triangle(first);
  EXPECT_EQ(triangle(first).bytes, picture.bytes);
  EXPECT_EQ(triangle(second).bytes, picture.bytes);
  const auto other = own_device();
  Renderer third(other, 97, 61);
  EXPECT_EQ(triangle(third).bytes, picture.bytes);
  add(first, bump(64));
  add(second, bump(64));
  const Picture relief = terrain(first);
  EXPECT_EQ(terrain(first).bytes, relief.bytes);
  EXPECT_EQ(terrain(second).bytes, relief.bytes);
  EXPECT_EQ(triangle(first).bytes, picture.bytes) << "one picture does not change the other";
}

TEST_F(RendererTest, StagedMemoryGivesTheSameBytes) {
  Renderer plain(device_, 64, 64), staged(own_device(true), 64, 64);
  EXPECT_EQ(triangle(staged).bytes, triangle(plain).bytes);
  add(plain, bump(64));
  add(staged, bump(64));
  EXPECT_EQ(terrain(staged).bytes, terrain(plain).bytes);
}

// -- terrain: section 5 --

TEST_F(RendererTest, TheSunLightsItsSide) {
  Renderer renderer(device_, 128, 128);
  add(renderer, bump(128));
  for (const bool shadows : {true, false}) {
    renderer.style().cast_shadows = renderer.style().sky = shadows;
    renderer.style().sun = {45, 90};
    const Picture east = terrain(renderer);
    EXPECT_GE(east.luminance(64, 80) - east.luminance(64, 48), 3) << "sun in the east";
    renderer.style().sun = {45, 270};
    const Picture west = terrain(renderer);
    EXPECT_GE(west.luminance(64, 48) - west.luminance(64, 80), 3) << "sun in the west";
  }
}

TEST_F(RendererTest, ASymmetricTerrainIsSymmetricUnderTheNoonSun) {
  Renderer renderer(device_, 128, 128);
  add(renderer, bump(128));
  renderer.style().sun = {45, 180};
  const Picture noon = terrain(renderer);
  int apart = 0;
  for (uint32_t r = 0; r < 128; ++r)
    for (uint32_t c = 0; c < 64; ++c) apart += std::abs(noon.luminance(r, c) - noon.luminance(r, 127 - c)) > 8;
  EXPECT_LE(apart, 128 * 64 / 50) << "edges may differ, sides may not";
}

TEST_F(RendererTest, TheTerrainFillsThePictureAndStaysInside) {
  Renderer renderer(device_, 160, 90);
  add(renderer, bump(64));
  const Picture picture = terrain(renderer);
  const std::vector<uint8_t> sky(picture.at(0, 0), picture.at(0, 0) + 4);
  uint32_t left = 999, right = 0, top = 999, bottom = 0;
  for (uint32_t r = 0; r < 90; ++r)
    for (uint32_t c = 0; c < 160; ++c)
      if (!picture.equal(r, c, sky.data()))
        left = std::min(left, c), right = std::max(right, c), top = std::min(top, r), bottom = std::max(bottom, r);
  EXPECT_GT(left, 0u);
  EXPECT_LT(right, 159u);
  EXPECT_GT(top, 0u);
  EXPECT_LT(bottom, 89u);
  EXPECT_NEAR(left, 159 - right, 1) << "symmetric in x";
  EXPECT_TRUE(bottom - top > 80 || right - left > 145) << "fills a direction";
}

TEST_F(RendererTest, HolesShowWhatIsBehind) {
  Renderer renderer(device_, 96, 96);
  renderer.set_background({1, 0, 1, 1});
  renderer.style().walls = false;
  const uint8_t behind[] = {255, 0, 255, 255};
  const auto count = [&](const Picture& picture) {
    int holes = 0;
    for (uint32_t r = 0; r < 96; ++r)
      for (uint32_t c = 0; c < 96; ++c) holes += picture.equal(r, c, behind);
    return holes;
  };
  add(renderer, flat(33, 33));
  const Picture whole = terrain(renderer);
  EXPECT_FALSE(whole.equal(48, 48, behind));
  for (const float missing : {NAN, INFINITY, -INFINITY}) {
    std::vector<float> heights(33 * 33, 1);
    for (size_t r = 10; r < 23; ++r)
      for (size_t c = 10; c < 23; ++c) heights[r * 33 + c] = missing;
    add(renderer, HeightField(std::span<const float>(heights), 33, 33));
    const Picture holed = terrain(renderer);
    EXPECT_TRUE(holed.equal(48, 48, behind)) << missing;
    EXPECT_GT(count(holed), count(whole) + 100) << missing;
    EXPECT_FALSE(holed.equal(holed.height - 30, 48, behind)) << "ground in front of the hole";
  }
}

TEST_F(RendererTest, NothingButHolesIsAnEmptyPicture) {
  Renderer renderer(device_, 32, 32);
  add(renderer, flat(8, 8, NAN));
  const Picture picture = terrain(renderer);
  for (uint32_t r = 0; r < 32; ++r)
    for (uint32_t c = 0; c < 32; ++c) ASSERT_TRUE(picture.equal(r, c, picture.at(0, 0))) << r << " " << c;
}

TEST_F(RendererTest, RastersOfEveryShapeAreDrawn) {
  for (const auto& [rows, columns] :
       {std::pair<size_t, size_t>{1, 1}, {1, 257}, {257, 1}, {2, 3}, {3, 2}, {2, 2}, {7, 500}, {60, 3}}) {
    Renderer renderer(device_, 40, 30);
    std::vector<float> heights(rows * columns);
    for (size_t i = 0; i < heights.size(); ++i) heights[i] = static_cast<float>(i % 7);
    add(renderer, HeightField(std::span<const float>(heights), rows, columns));
    const Picture picture = terrain(renderer);
    int drawn = 0;
    for (uint32_t r = 0; r < 30; ++r)
      for (uint32_t c = 0; c < 40; ++c) drawn += !picture.equal(r, c, picture.at(0, 0));
    EXPECT_TRUE(rows < 2 || columns < 2 || drawn > 0) << rows << " x " << columns;
  }
}

TEST_F(RendererTest, ARasterLargerThanItsPictureIsThinned) {
  Renderer renderer(device_, 32, 32);
  add(renderer, bump(300));
  const Picture picture = terrain(renderer);
  add(renderer, bump(64), 30.0 * 299 / 63);
  const Picture coarse = terrain(renderer);
  double difference = 0;
  for (uint32_t r = 0; r < 32; ++r)
    for (uint32_t c = 0; c < 32; ++c) difference += std::abs(picture.luminance(r, c) - coarse.luminance(r, c)) / 1024;
  EXPECT_LT(difference, 6) << "the same hill";
}

TEST_F(RendererTest, ChangesShowAtTheNextPicture) {
  Renderer renderer(device_, 64, 64);
  add(renderer, bump(64));
  const Picture first = terrain(renderer);
  EXPECT_GT(renderer.metrics().upload_bytes, 0u);
  EXPECT_EQ(renderer.metrics().readback_bytes, 64u * 64 * 4);
  terrain(renderer);
  EXPECT_EQ(renderer.metrics().upload_bytes, 0u) << "nothing changed";
  renderer.style().exposure = 0.5;
  EXPECT_LT(terrain(renderer).luminance(32, 32), first.luminance(32, 32) - 10);
  renderer.style().exposure = 1;
  EXPECT_EQ(terrain(renderer).bytes, first.bytes);
  renderer.field().set_range(1000, 2000);
  EXPECT_NE(terrain(renderer).bytes, first.bytes) << "the colours' range";
  renderer.field().normalize("minmax");
  renderer.changed();
  terrain(renderer);
  EXPECT_EQ(renderer.metrics().upload_bytes, 64u * 64 * 4);
}

TEST_F(RendererTest, TheCameraIsTheUsersUntilReset) {
  Renderer renderer(device_, 64, 64);
  add(renderer, bump(64));
  const Picture first = terrain(renderer);
  renderer.set_camera({{0, 5000, 4000}, {0, 0, 0}, {0, 1, 0}}, {30, 1, 10, 20000});
  EXPECT_NE(terrain(renderer).bytes, first.bytes);
  EXPECT_CODE(INVALID_ARGUMENT, renderer.set_camera({{0, 0, 0}, {0, 0, 0}, {0, 1, 0}}, {30, 1, 10, 20000}));
  renderer.reset_camera();
  EXPECT_EQ(terrain(renderer).bytes, first.bytes);
}

TEST_F(RendererTest, ColoursDecodedBeforehandLookTheSame) {
  Renderer plain(device_, 64, 64);
  add(plain, bump(64));
  setenv("VF_FORCE_LUT_UNORM", "", 1);
  Renderer forced(device_, 64, 64);
  add(forced, bump(64));
  unsetenv("VF_FORCE_LUT_UNORM");
  const Picture a = terrain(plain), b = terrain(forced);
  EXPECT_NE(a.bytes, b.bytes) << "the variable did nothing";
  int most = 0;
  for (size_t i = 0; i < a.bytes.size(); ++i) most = std::max(most, std::abs(a.bytes[i] - b.bytes[i]));
  EXPECT_LE(most, 8) << "dark bytes of a linear table are coarse, no more";
}

TEST_F(RendererTest, TheHeightTextureIsWhatWasUploaded) {
  for (const size_t columns : {7, 33, 63, 257}) {
    Renderer renderer(device_, 8, 8);
    std::vector<float> heights(5 * columns);
    const auto random = noise(heights.size());
    for (size_t i = 0; i < heights.size(); ++i) heights[i] = static_cast<float>(random[i]);
    add(renderer, HeightField(std::span<const float>(heights), 5, columns));
    std::vector<float> got(heights.size(), -1);
    EXPECT_FALSE(renderer.has_height_texture());
    renderer.read_height_texture(got.data());
    EXPECT_EQ(got, std::vector<float>(heights.size(), 0)) << "zeros before the upload";
    renderer.upload_height_texture();
    renderer.field().normalize("minmax");
    renderer.read_height_texture(got.data());
    EXPECT_EQ(got, heights) << columns;
    add(renderer, flat(2, 2));
    EXPECT_FALSE(renderer.has_height_texture());
  }
}

TEST_F(RendererTest, WithoutATerrainItSaysWhatToDo) {
  Renderer renderer(device_, 8, 8);
  std::vector<uint8_t> pixels(256);
  for (const auto& call :
       std::vector<std::function<void()>>{[&] { renderer.render_terrain(pixels.data()); },
                                          [&] { renderer.upload_height_texture(); }, [&] { renderer.field(); }}) {
    const Error error = error_of(call);
    EXPECT_EQ(error.code(), ErrorCode::WRONG_STATE);
    EXPECT_CONTAINS(error.what(), "no terrain uploaded; call add_terrain() first");
  }
}

// -- faults: after each the next picture is right --

TEST_F(RendererTest, AFailedPictureIsFollowedByTheRightOne) {
  Renderer reference(device_, 64, 64);
  add(reference, bump(64));
  const Picture wanted = terrain(reference), wanted_triangle = triangle(reference);
  for (const char* call : {"vkQueueSubmit", "vkEndCommandBuffer", "vmaCreateBuffer", "vkWaitSemaphores"})
    for (uint32_t skip = 0; skip < 4; ++skip) {
      Renderer renderer(device_, 64, 64);
      add(renderer, bump(64));
      device_->trim();
      vk::fault::inject(call, VK_ERROR_OUT_OF_DEVICE_MEMORY, skip, 2);  // allocation tries twice
      std::vector<uint8_t> pixels(64 * 64 * 4);
      try {
        renderer.render_terrain(pixels.data());
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::OUT_OF_DEVICE_MEMORY) << error.what();
      }
      vk::fault::clear();
      EXPECT_TRUE(terrain(renderer).bytes == wanted.bytes) << call << " after " << skip;
      EXPECT_TRUE(triangle(renderer).bytes == wanted_triangle.bytes) << call << " after " << skip;
    }
}

TEST_F(RendererTest, SizesBeyondTheDeviceAreRefused) {
  EXPECT_CODE(INVALID_ARGUMENT, Renderer(device_, 0, 8));
  EXPECT_CODE(LIMIT_EXCEEDED, Renderer(device_, device_->limits().max_target + 1, 8));
}

}  // namespace
}  // namespace forge::graphics
