#include <bit>
#include <cmath>

#include "forge/support/draw.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;
using Words = std::vector<uint32_t>;

constexpr uint32_t kRed = 0xFF0000FF, kGreen = 0xFF00FF00, kBlue = 0xFFFF0000, kBlack = 0xFF000000;

class Render : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!device_) return;
    if (!device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
    flat_ = draw_program(*device_, kFlatVertex, kFlatFragment);
    state_.color_formats = {VK_FORMAT_R8G8B8A8_UNORM};
    state_.streams = {{12, false}};
    state_.attributes = {{0, 0, 0, VK_FORMAT_R32G32B32_SFLOAT}};
  }
  void TearDown() override {
    flat_.reset();
    DeviceTest::TearDown();
  }

  std::shared_ptr<Buffer> floats(const std::vector<float>& values) {
    auto buffer = Buffer::create(device_, values.size() * 4, Memory::device);
    upload(BufferRef(buffer), values.data());
    return buffer;
  }

  /// A rectangle in device coordinates at a depth, as two triangles.
  std::shared_ptr<Buffer> rectangle(float x0, float y0, float x1, float y1, float z = 0) {
    return floats({x0, y0, z, x1, y0, z, x0, y1, z, x0, y1, z, x1, y0, z, x1, y1, z});
  }

  DrawCall draw(const std::shared_ptr<Buffer>& corners, std::array<float, 4> tint, const DrawState& state,
                const std::string& key) {
    DrawCall call;
    call.pipeline = flat_->graphics(key, state);
    call.push.resize(16);
    std::memcpy(call.push.data(), tint.data(), 16);
    call.vertex_streams = {BufferRef(corners)};
    call.count = static_cast<uint32_t>(corners->size() / 12);
    return call;
  }

  RenderPass pass(const std::shared_ptr<Image>& color, std::vector<DrawCall> draws, std::optional<VkClearValue> clear) {
    RenderPass pass;
    pass.colors = {{color, nullptr, clear, false}};
    pass.width = color->spec().width;
    pass.height = color->spec().height;
    pass.draws = std::move(draws);
    return pass;
  }

  std::unique_ptr<shader::Program> flat_;
  DrawState state_;
  const VkClearValue black_ = clear_color(0, 0, 0, 1);
};

TEST_F(Render, ClearsAndDrawsWhereTheTriangleIs) {
  const auto color = picture(device_, 8, 4);
  Commands commands(device_);
  commands.render(pass(color, {draw(rectangle(-1, -1, 0, 1), {1, 0, 0, 1}, state_, "flat")}, black_));
  const Words words = texels_of(commands, color);
  for (uint32_t i = 0; i < 32; ++i) EXPECT_EQ(words[i], i % 8 < 4 ? kRed : kBlack) << i;
}

TEST_F(Render, WithoutAClearTheOldPictureStays) {
  const auto color = picture(device_, 4, 4);
  Commands commands(device_);
  commands.render(pass(color, {}, clear_color(0, 0, 1, 1)));
  commands.render(pass(color, {draw(rectangle(-1, 0, 1, 1), {0, 1, 0, 1}, state_, "flat")}, {}));
  const Words words = texels_of(commands, color);
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(words[i], i < 8 ? kGreen : kBlue) << i << ": y points up";
}

TEST_F(Render, IndicesOfBothWidthsInstancesAndOffsets) {
  const auto color = picture(device_, 4, 4);
  const auto corners = floats({9, 9, 9, -1, -1, 0, 1, -1, 0, -1, 1, 0, 1, 1, 0});
  const auto wide = buffer_of(device_, {77, 1, 2, 3, 3, 2, 4});
  const auto narrow = buffer_of(device_, {1 | 2 << 16, 3 | 3 << 16, 2 | 4 << 16});
  for (const bool is_wide : {true, false}) {
    DrawCall call = draw(corners, {1, 0, 0, 1}, state_, "flat");
    call.indices = is_wide ? BufferRef(wide).part(4, 24) : BufferRef(narrow);
    call.index_type = is_wide ? VK_INDEX_TYPE_UINT32 : VK_INDEX_TYPE_UINT16;
    call.count = 6;
    Commands commands(device_);
    commands.render(pass(color, {call}, black_));
    EXPECT_EQ(texels_of(commands, color), Words(16, kRed)) << is_wide;
  }
  DrawCall moved = draw(corners, {1, 0, 0, 1}, state_, "flat");
  moved.vertex_streams = {BufferRef(corners).part(12, 48)};
  moved.count = 3;
  Commands commands(device_);
  commands.render(pass(color, {moved}, black_));
  EXPECT_EQ(texels_of(commands, color)[12], kRed);
}

TEST_F(Render, VerticesMayComeFromAKernelOfTheSameRecording) {
  const auto color = picture(device_, 4, 4);
  const auto corners = floats(std::vector<float>(18)), source = rectangle(-1, -1, 1, 1);
  Commands commands(device_);
  commands.render(pass(color, {draw(corners, {1, 0, 0, 1}, state_, "flat")}, black_));
  commands.copy(source, corners);  // after the draw has read, before the next reads
  commands.render(pass(color, {draw(corners, {0, 1, 0, 1}, state_, "flat")}, {}));
  EXPECT_EQ(texels_of(commands, color), Words(16, kGreen));
}

TEST_F(Render, TheNearerOneWinsInAnyOrder) {
  const auto color = picture(device_, 4, 4);
  ImageSpec spec;
  spec.format = VK_FORMAT_D32_SFLOAT;
  spec.width = spec.height = 4;
  spec.usage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  spec.home = VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL;
  const auto depth = Image::create(device_, spec);
  DrawState state = state_;
  state.depth_format = VK_FORMAT_D32_SFLOAT;
  state.depth_test = state.depth_write = true;
  const DrawCall near = draw(rectangle(-1, -1, 0, 1, 0.25f), {1, 0, 0, 1}, state, "depth");
  const DrawCall far = draw(rectangle(-1, -1, 1, 1, 0.75f), {0, 1, 0, 1}, state, "depth");
  for (const auto& order : {std::vector{near, far}, {far, near}}) {
    RenderPass both = pass(color, order, black_);
    both.depth = Attachment{depth, nullptr, VkClearValue{.depthStencil = {1.0f, 0}}, false};
    Commands commands(device_);
    commands.render(both);
    const auto depths = buffer_of(device_, Words(16));
    commands.read_image(depth, {0, 0, 4, 4}, depths);
    const Words words = texels_of(commands, color), values = words_of(depths);
    for (uint32_t i = 0; i < 16; ++i) {
      EXPECT_EQ(words[i], i % 4 < 2 ? kRed : kGreen) << i;
      EXPECT_NEAR(std::bit_cast<float>(values[i]), i % 4 < 2 ? 0.25 : 0.75, 1e-6) << i;
    }
  }
}

TEST_F(Render, BlendingFollowsItsName) {
  struct Row {
    Blend blend;
    std::array<int, 4> wanted;  // of (0.5, 0, 0, 0.5) over (0, 1, 0, 1), in bytes
  };
  const Row rows[] = {{Blend::none, {128, 0, 0, 128}},
                      {Blend::alpha_over, {64, 128, 0, 255}},
                      {Blend::premultiplied, {128, 128, 0, 255}},
                      {Blend::add, {64, 255, 0, 255}}};
  const auto color = picture(device_, 2, 2);
  for (const Row& row : rows) {
    DrawState state = state_;
    state.blends = {row.blend};
    Commands commands(device_);
    commands.render(
        pass(color, {draw(rectangle(-1, -1, 1, 1), {0.5f, 0, 0, 0.5f}, state, "blend" + std::to_string(&row - rows))},
             clear_color(0, 1, 0, 1)));
    const uint32_t texel = texels_of(commands, color)[0];
    for (int c = 0; c < 4; ++c)
      EXPECT_NEAR(static_cast<int>(texel >> 8 * c & 255), row.wanted[static_cast<size_t>(c)], 1)
          << &row - rows << " " << c;
  }
}

TEST_F(Render, CullingKeepsTheSideThatIsMeant) {
  const auto color = picture(device_, 2, 2);
  const auto corners = floats({-3, -3, 0, 0, 9, 0, 3, -3, 0});  // clockwise on the picture, y up
  for (const bool clockwise : {false, true})
    for (const Cull cull : {Cull::none, Cull::back, Cull::front}) {
      DrawState state = state_;
      state.cull = cull;
      state.front_clockwise = clockwise;
      Commands commands(device_);
      commands.render(pass(
          color, {draw(corners, {1, 0, 0, 1}, state, std::to_string(int(cull)) + std::to_string(clockwise))}, black_));
      const bool drawn = cull == Cull::none || (cull == Cull::back) == clockwise;
      EXPECT_EQ(texels_of(commands, color)[0], drawn ? kRed : kBlack) << int(cull) << " " << clockwise;
    }
}

TEST_F(Render, SamplesAreResolvedToTheirMean) {
  if (!(device_->limits().color_sample_counts & VK_SAMPLE_COUNT_4_BIT)) GTEST_SKIP() << "the device has no 4 samples";
  const auto plain = picture(device_, 8, 8), many = picture(device_, 8, 8, VK_FORMAT_R8G8B8A8_UNORM, 4);
  DrawState state = state_;
  state.samples = VK_SAMPLE_COUNT_4_BIT;
  const auto corners = floats({-1, 1, 0, 1, 1, 0, -1, -1, 0});  // the upper left half: its edge runs through pixels
  RenderPass smooth = pass(many, {draw(corners, {1, 0, 0, 1}, state, "msaa")}, black_);
  smooth.colors[0].resolve = plain;
  Commands commands(device_);
  commands.render(smooth);
  const Words words = texels_of(commands, plain);
  int between = 0;
  double sum = 0;
  for (const uint32_t word : words) {
    between += (word & 255) > 0 && (word & 255) < 255;
    sum += (word & 255) / 255.0;
  }
  EXPECT_GE(between, 8);
  EXPECT_NEAR(sum, 32, 2);
  EXPECT_EQ(words[0], kRed);
  EXPECT_EQ(words[63], kBlack);
}

TEST_F(Render, IndirectDrawsReadTheirCountsFromTheDevice) {
  const auto color = picture(device_, 4, 4);
  const auto rows = buffer_of(device_, {0, 0, 0, 0});
  const auto made = buffer_of(device_, {6, 1, 0, 0});
  DrawCall call = draw(rectangle(-1, -1, 1, 1), {0, 1, 0, 1}, state_, "flat");
  call.count = 0;
  call.indirect = BufferRef(rows);
  Commands commands(device_);
  commands.copy(made, rows);
  commands.render(pass(color, {call}, black_));
  EXPECT_EQ(texels_of(commands, color), Words(16, kGreen));
}

TEST_F(Render, AFailedPipelineIsSaidAndTheNextOneDraws) {
  const std::string before = live(*device_);
  fault::inject("vkCreateGraphicsPipelines", VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, flat_->graphics("flat", state_));
  EXPECT_EQ(live(*device_), before);
  EXPECT_NE(flat_->graphics("flat", state_).pipeline, nullptr);
}

}  // namespace
}  // namespace forge::vk
