#include "forge/shader/program.hpp"

#include <thread>

#include "forge/support/draw.hpp"
#include "forge/support/kernels.hpp"

namespace forge::shader {
namespace {

using namespace forge::test;

class ProgramTest : public DeviceTest {
 protected:
  std::unique_ptr<Program> program(const std::string& body) {
    Words words = compile("#version 450\n" + body, {});
    Reflection reflection = reflect(words);
    std::vector<Program::Source> sources;
    sources.push_back({std::move(words), std::move(reflection)});
    return std::make_unique<Program>(*device_, std::move(sources), "probe");
  }
};

const char kSized[] =
    "layout(local_size_x_id = 7, local_size_y = 2) in;\n"
    "layout(binding = 1) buffer O { uint o[]; };\nlayout(set = 2, binding = 3) uniform U { uint u; };\n"
    "void main() { o[0] = u; }\n";

TEST_F(ProgramTest, OnePipelineForEachSetOfValues) {
  const auto sized = program(kSized);
  const vk::SpecValue eight{7, 4, 8}, sixteen{7, 4, 16};
  const auto plain = sized->compute();
  EXPECT_EQ(sized->compute().pipeline, plain.pipeline);
  const auto of_eight = sized->compute(std::span(&eight, 1));
  EXPECT_NE(of_eight.pipeline, plain.pipeline);
  EXPECT_EQ(sized->compute(std::span(&eight, 1)).pipeline, of_eight.pipeline);
  EXPECT_EQ(of_eight.layout, plain.layout);
  EXPECT_EQ(sized->workgroup(std::span(&sixteen, 1)), (std::array<uint32_t, 3>{16, 2, 1}));
  EXPECT_EQ(plain.sets.size(), 3u) << "sets 0 to 2, of which one is empty";
}

TEST_F(ProgramTest, DescriptorTypesFollowTheShader) {
  const auto sized = program(kSized);
  EXPECT_EQ(sized->descriptor_type(0, 1), VK_DESCRIPTOR_TYPE_STORAGE_BUFFER);
  EXPECT_EQ(sized->descriptor_type(2, 3), VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER);
  EXPECT_CODE(INTERNAL, sized->descriptor_type(1, 0));
  EXPECT_EQ(compute_usage(Access::read), vk::Usage::compute_read);
  EXPECT_EQ(compute_usage(Access::write), vk::Usage::compute_write);
  EXPECT_EQ(compute_usage(Access::read_write), vk::Usage::compute_read_write);
}

TEST_F(ProgramTest, WorkgroupsBeyondTheDeviceAreRefused) {
  const vk::SpecValue large{7, 4, device_->limits().max_invocations};
  const Error error = error_of([&] { program(kSized)->compute(std::span(&large, 1)); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(device_->limits().max_invocations));
}

TEST_F(ProgramTest, ManyThreadsGetOnePipeline) {
  const auto sized = program(kSized);
  const std::string before = live(*device_);
  std::array<const vk::Pipeline*, 8> got{};
  std::vector<std::thread> asking;
  for (auto& slot : got) asking.emplace_back([&] { slot = sized->compute().pipeline; });
  for (std::thread& thread : asking) thread.join();
  for (const vk::Pipeline* const pipeline : got) EXPECT_EQ(pipeline, got[0]);
  EXPECT_EQ(device_->counts().pipelines, 1 + std::stoull(before.substr(before.find("images, ") + 8)));
}

TEST_F(ProgramTest, ASetThatIsNotTheFirstIsBoundInItsPlace) {
  const auto sized = program(kSized);
  const auto out = buffer_of(device_, {0, 0}), in = buffer_of(device_, {99, 0, 0, 0});
  const std::vector<vk::DescriptorWrite> writes = {
      {.set = 0, .binding = 1, .resource = vk::BufferRef(out)},
      {.set = 2, .binding = 3, .type = VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, .resource = vk::BufferRef(in)}};
  const std::vector<vk::BufferTouch> touches = {{out, vk::Usage::compute_write}, {in, vk::Usage::compute_read}};
  vk::Commands commands(device_);
  commands.dispatch({.pipeline = sized->compute(), .push = {}, .descriptors = writes, .buffers = touches, .images = {}},
                    {1, 1, 1});
  commands.submit();
  EXPECT_EQ(words_of(out)[0], 99u);
}

TEST_F(ProgramTest, StagesShareTheirBindings) {
  if (!device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  const auto both = draw_program(
      *device_,
      "#version 450\nlayout(binding = 0) uniform U { vec4 u; };\n"
      "layout(push_constant) uniform P { vec4 a; };\nvoid main() { gl_Position = u + a; }\n",
      "#version 450\nlayout(binding = 0) uniform U { vec4 u; };\nlayout(binding = 1) uniform sampler2D s;\n"
      "layout(push_constant) uniform P { vec4 a; vec4 b; };\nlayout(location = 0) out vec4 c;\n"
      "void main() { c = u + texture(s, b.xy); }\n");
  EXPECT_EQ(both->descriptor_type(0, 0), VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER);
  EXPECT_EQ(both->descriptor_type(0, 1), VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER);
  vk::DrawState state;
  state.color_formats = {VK_FORMAT_R8G8B8A8_UNORM};
  const auto first = both->graphics("key", state);
  EXPECT_EQ(first.push_stages, VkShaderStageFlags{VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT});
  EXPECT_EQ(both->graphics("key", state).pipeline, first.pipeline);
  EXPECT_NE(both->graphics("other", state).pipeline, first.pipeline);
}

}  // namespace
}  // namespace forge::shader
