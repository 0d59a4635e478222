#include "forge/vk/pipelines_ahead.hpp"

#include <atomic>
#include <thread>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class PipelinesAheadTest : public DeviceTest {
 protected:
  static std::string text(int i) {
    return "layout(local_size_x = 32) in; layout(binding = 0) buffer X { uint x[]; };\n"
           "layout(push_constant) uniform P { uint n; };\n"
           "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) x[i] += " +
           std::to_string(i + 1) + "u; }\n";
  }
};

TEST_F(PipelinesAheadTest, RecordingsGetWhatOthersMake) {
  const auto device = own_device();
  const auto words = buffer_of(device, {7, 7});
  std::vector<std::unique_ptr<shader::Kernel>> kernels;
  {
    const PipelinesAhead ahead(*device);
    vk::Commands commands(device);
    for (int i = 0; i < 20; ++i) {
      kernels.push_back(kernel_of(device, text(i)));
      record(commands, *kernels.back(), {raw("x", words), value("n", 2u)}, threads(2));
    }
    device->wait(commands.submit());
  }
  EXPECT_EQ(words_of(words), (std::vector<uint32_t>{217, 217}));
  EXPECT_EQ(device->counts().pipelines, 20u);
}

TEST_F(PipelinesAheadTest, WorkIsDoneByOtherThreadsAndToItsEnd) {
  if (device_->compiles_alone()) GTEST_SKIP() << "one thread compiles here";
  const auto here = std::this_thread::get_id();
  std::atomic<int> done{0}, elsewhere{0};
  {
    PipelinesAhead ahead(*device_);
    ASSERT_EQ(PipelinesAhead::of(*device_), &ahead);
    for (int i = 0; i < 100; ++i)
      ahead.add([&] {
        ++done;
        if (std::this_thread::get_id() != here) ++elsewhere;
      });
  }
  EXPECT_EQ(done, 100);
  EXPECT_EQ(elsewhere, 100);
}

TEST_F(PipelinesAheadTest, ItIsForItsThreadAndDeviceAlone) {
  const auto other = own_device();
  EXPECT_EQ(PipelinesAhead::of(*device_), nullptr);
  PipelinesAhead outer(*device_);
  {
    const PipelinesAhead inner(*other);
    EXPECT_EQ(PipelinesAhead::of(*device_), nullptr);
  }
  EXPECT_EQ(PipelinesAhead::of(*device_), device_->compiles_alone() ? nullptr : &outer);
  std::jthread([&] { EXPECT_EQ(PipelinesAhead::of(*device_), nullptr); }).join();
}

TEST_F(PipelinesAheadTest, FailuresComeToWhoeverUsesThePipelineAndAnotherTryIsMade) {
  const auto device = own_device();
  const auto words = buffer_of(device, {7, 7});
  std::unique_ptr<shader::Kernel> kernel;
  const Arguments arguments{raw("x", words), value("n", 2u)};
  {
    const PipelinesAhead ahead(*device);
    fault::inject("vkCreateComputePipelines", VK_ERROR_OUT_OF_HOST_MEMORY);
    vk::Commands commands(device);
    const Error error = error_of([&] {
      kernel = kernel_of(device, text(50));
      record(commands, *kernel, arguments, threads(2));
    });
    EXPECT_EQ(error.code(), ErrorCode::OUT_OF_HOST_MEMORY);
  }
  if (!kernel) kernel = kernel_of(device, text(50));
  run(*kernel, arguments, threads(2));
  EXPECT_EQ(words_of(words), (std::vector<uint32_t>{58, 58}));
}

}  // namespace
}  // namespace forge::vk
