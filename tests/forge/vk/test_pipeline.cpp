#include "forge/vk/pipeline.hpp"

#include <bit>
#include <cstring>

#include "forge/support/draw.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class PipelineTest : public DeviceTest {};

TEST_F(PipelineTest, LayoutsHoldASetForEachNumber) {
  const DescriptorSlot slots[] = {{0, 1, 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_COMPUTE_BIT},
                                  {3, 0, 4, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, VK_SHADER_STAGE_COMPUTE_BIT}};
  const PipelineLayout layout(*device_, slots, 10, VK_SHADER_STAGE_COMPUTE_BIT);
  EXPECT_EQ(layout.sets().size(), 4u);
  EXPECT_NE(layout.handle(), VkPipelineLayout{VK_NULL_HANDLE});
  const PipelineLayout empty(*device_, {}, 0, 0);
  EXPECT_TRUE(empty.sets().empty());
}

TEST_F(PipelineTest, AHalfMadeLayoutLeavesNothing) {
  // What stayed would be named by the validation layers when its device goes.
  const auto device = own_device();
  const DescriptorSlot slots[] = {{0, 0, 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_COMPUTE_BIT},
                                  {1, 0, 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_COMPUTE_BIT}};
  fault::inject("vkCreateDescriptorSetLayout", VK_ERROR_OUT_OF_HOST_MEMORY, 1);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, PipelineLayout(*device, slots, 0, 0));
  EXPECT_EQ(device->counts().other, 0u);
  fault::inject("vkCreatePipelineLayout", VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, PipelineLayout(*device, slots, 0, 0));
}

TEST_F(PipelineTest, SpecialisationTakesEverySize) {
  if (!device_->has("shaderInt64") || !device_->has("shaderFloat64"))
    GTEST_SKIP() << "the device has no 64-bit numbers";
  auto kernel = kernel_of(
      device_,
      "layout(constant_id = 1) const uint64_t wide = 1ul;\n"
      "layout(constant_id = 2) const bool flag = false;\n"
      "layout(constant_id = 3) const double real = 0;\n"
      "layout(binding = 0) buffer O { uint o[]; };\n"
      "void main() { o[0] = uint(wide >> 32); o[1] = flag ? 5 : 6; o[2] = uint(real * 10); }\n",
      {.name = "k", .spec = {{"wide", number(uint64_t{7} << 32)}, {"flag", number(true)}, {"real", number(4.2)}}});
  const auto out = buffer_of(device_, {0, 0, 0});
  run(*kernel, {raw("o", out)}, threads(1));
  EXPECT_EQ(words_of(out), (std::vector<uint32_t>{7, 5, 42}));
}

class DrawPipelines : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  }
  /// How many of 8 x 8 pixels a draw of these corners covers.
  int covered(const std::vector<float>& corners, const DrawState& wanted) {
    const auto program = draw_program(*device_, kFlatVertex, kFlatFragment);
    DrawState state = wanted;
    state.color_formats = {VK_FORMAT_R8G8B8A8_UNORM};
    state.streams = {{12, false}};
    state.attributes = {{0, 0, 0, VK_FORMAT_R32G32B32_SFLOAT}};
    const auto color = picture(device_, 8, 8);
    const auto buffer = Buffer::create(device_, corners.size() * 4, Memory::device);
    upload(BufferRef(buffer), corners.data());
    DrawCall call;
    call.pipeline = program->graphics("one", state);
    const float white[] = {1, 1, 1, 1};
    call.push.resize(16);
    std::memcpy(call.push.data(), white, 16);
    call.vertex_streams = {BufferRef(buffer)};
    call.count = static_cast<uint32_t>(corners.size() / 3);
    RenderPass pass;
    pass.colors = {{color, nullptr, clear_color(0, 0, 0, 1), false}};
    if (state.depth_format != VK_FORMAT_UNDEFINED) {
      ImageSpec spec;
      spec.format = state.depth_format;
      spec.width = spec.height = 8;
      spec.usage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
      spec.home = VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL;
      pass.depth = Attachment{Image::create(device_, spec), nullptr, VkClearValue{.depthStencil = {0.5f, 0}}, false};
    }
    pass.width = pass.height = 8;
    pass.draws = {call};
    Commands commands(device_);
    commands.render(pass);
    int count = 0;
    for (const uint32_t texel : texels_of(commands, color)) count += texel == 0xFFFFFFFF;
    return count;
  }
  static std::vector<float> all_at(float z) { return {-1, -1, z, 3, -1, z, -1, 3, z}; }
};

TEST_F(DrawPipelines, TopologiesCoverWhatTheyMean) {
  DrawState state;
  EXPECT_EQ(covered(all_at(0), state), 64);
  state.topology = Topology::triangle_strip;
  EXPECT_EQ(covered({-1, -1, 0, 1, -1, 0, -1, 1, 0, 1, 1, 0}, state), 64);
  state.topology = Topology::points;
  EXPECT_EQ(covered({-0.875f, -0.875f, 0, 0.625f, 0.125f, 0}, state), 2);
  state.topology = Topology::lines;
  EXPECT_NEAR(covered({-1, 0.125f, 0, 1, 0.125f, 0}, state), 8, 1);
  state.topology = Topology::line_strip;
  EXPECT_NEAR(covered({-0.875f, -0.875f, 0, -0.875f, 0.875f, 0, 0.875f, 0.875f, 0}, state), 15, 2);
}

TEST_F(DrawPipelines, WireframesCoverEdgesOnly) {
  if (!device_->has("fillModeNonSolid")) GTEST_SKIP() << "the device draws no wireframes";
  DrawState state;
  state.wireframe = true;
  const int edges = covered({-0.9f, -0.9f, 0, 0.9f, -0.9f, 0, -0.9f, 0.9f, 0}, state);
  EXPECT_GE(edges, 12);
  EXPECT_LE(edges, 26);
}

TEST_F(DrawPipelines, DepthIsComparedAsSaid) {
  struct Row {
    Compare compare;
    bool nearer, equal, farther;
  };
  const Row rows[] = {{Compare::never, false, false, false},       {Compare::less, true, false, false},
                      {Compare::less_equal, true, true, false},    {Compare::equal, false, true, false},
                      {Compare::greater_equal, false, true, true}, {Compare::greater, false, false, true},
                      {Compare::always, true, true, true}};
  for (const Row& row : rows) {
    DrawState state;
    state.depth_format = VK_FORMAT_D32_SFLOAT;
    state.depth_test = true;
    state.depth_compare = row.compare;
    EXPECT_EQ(covered(all_at(0.25f), state) == 64, row.nearer) << int(row.compare);
    EXPECT_EQ(covered(all_at(0.5f), state) == 64, row.equal) << int(row.compare);
    EXPECT_EQ(covered(all_at(0.75f), state) == 64, row.farther) << int(row.compare);
  }
}

TEST_F(DrawPipelines, DepthBiasMovesWhatIsEqual) {
  DrawState state;
  state.depth_format = VK_FORMAT_D32_SFLOAT;
  state.depth_test = true;
  EXPECT_EQ(covered(all_at(0.5f), state), 0);
  state.depth_bias_constant = -16;
  EXPECT_EQ(covered(all_at(0.5f), state), 64);
}

}  // namespace
}  // namespace forge::vk
