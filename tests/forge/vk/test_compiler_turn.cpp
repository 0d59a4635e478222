#include "forge/vk/compiler_turn.hpp"

#include <stdlib.h>

#include <optional>
#include <string>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

/// Says that Mesa has been given another width of vectors; it read its own when the loader opened it.
class OtherWidth {
 public:
  OtherWidth() {
    if (const char* before = getenv(kName)) before_ = before;
    setenv(kName, "128", 1);
  }
  ~OtherWidth() {
    if (before_)
      setenv(kName, before_->c_str(), 1);
    else
      unsetenv(kName);
  }

 private:
  static constexpr const char* kName = "LP_NATIVE_VECTOR_WIDTH";
  std::optional<std::string> before_;
};

// Of this file alone: Mesa keeps what it compiles for a width where it looks for another's, and lanes are not asked for here.
constexpr char kLong[] =
    "layout(local_size_x = 64) in; layout(binding = 0) buffer C { uint c[]; };\n"
    "layout(push_constant) uniform P { uint turns; };\n"
    "void main() {\n"
    "  uint x = gl_GlobalInvocationID.x + 4711u;\n"
    "  for (uint i = 0; i < turns; ++i) { x ^= x << 13; x ^= x >> 17; x ^= x << 5; }\n"
    "  c[gl_GlobalInvocationID.x] = x;\n"
    "}\n";
constexpr char kShort[] =
    "layout(local_size_x = 32) in; layout(binding = 0) buffer C { uint c[]; };\n"
    "layout(push_constant) uniform P { uint n; };\n"
    "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) c[i] += 4711u; }\n";

class CompilerTurnTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && !device_->info().driver.starts_with("llvmpipe")) GTEST_SKIP() << "other drivers have no such width";
  }

  static uint64_t send_slow(const std::shared_ptr<Device>& device, shader::Kernel& kernel, const BufferRef& words) {
    Commands commands(device);
    record(commands, kernel, {raw("c", words), value("turns", 20'000'000u)}, threads(64));
    return commands.submit();
  }
};

TEST_F(CompilerTurnTest, WhatOthersWereSentEndsFirst) {
  const OtherWidth width;
  const auto one = own_device(), other = own_device();
  ASSERT_TRUE(one->compiles_alone());
  EXPECT_EQ(one->compile_ahead(), nullptr);
  const auto slow = kernel_of(one, kLong), quick = kernel_of(other, kShort);
  const auto words = buffer_of(one, std::vector<uint32_t>(64)), counts = buffer_of(other, {1, 2});
  const uint64_t number = send_slow(one, *slow, words);
  run(*quick, {raw("c", counts), value("n", 2u)}, threads(2));
  EXPECT_TRUE(one->reached(number));
  EXPECT_EQ(words_of(counts), (std::vector<uint32_t>{4712, 4713}));
}

TEST_F(CompilerTurnTest, WhatIsMadeWaitsForAll) {
  const OtherWidth width;
  const auto one = own_device(), other = own_device();
  const auto slow = kernel_of(one, kLong);
  const auto words = buffer_of(one, std::vector<uint32_t>(64));
  const uint64_t number = send_slow(one, *slow, words);
  static_cast<void>(CompilerTurn::to_make(*other));
  EXPECT_TRUE(one->reached(number));
}

TEST_F(CompilerTurnTest, ADeviceThatGoesIsForgotten) {
  const OtherWidth width;
  const auto other = own_device();
  {
    const auto one = own_device();
    const auto slow = kernel_of(one, kLong);
    send_slow(one, *slow, buffer_of(one, std::vector<uint32_t>(64)));
  }
  static_cast<void>(CompilerTurn::to_make(*other));
}

TEST_F(CompilerTurnTest, WithTheUsualWidthATurnIsNothing) {
  if (device_->compiles_alone()) GTEST_SKIP() << "this process has another width";
  const CompilerTurn first = CompilerTurn::to_make(*device_), second = CompilerTurn::to_send(*device_);
}

}  // namespace
}  // namespace forge::vk
