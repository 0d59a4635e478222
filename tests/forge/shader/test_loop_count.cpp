#include "forge/shader/loop_count.hpp"

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::shader {
namespace {

using namespace forge::test;

constexpr uint32_t kBudget = 100;
const std::string kHead =
    "#version 450\nlayout(local_size_x = 8) in;\n"
    "layout(binding = 3) buffer X { uint x[]; };\nlayout(push_constant) uniform P { uint n; };\n";

Words compiled(const std::string& body, uint32_t minor = 2) {
  CompileOptions options;
  options.vulkan_minor = minor;
  return compile(kHead + body, options);
}

class LoopCountTest : public DeviceTest {
 protected:
  bool agrees() { return device_->limits().subgroup_operations & 4; }

  /// Whether one workgroup with this n says that it went beyond the budget; its results are as without counting.
  bool beyond(const std::string& body, uint32_t n) {
    const Words words = compiled(body);
    const auto counting = count_loops(words, reflect(words), kBudget, agrees());
    EXPECT_TRUE(counting);
    EXPECT_NO_THROW(validate(counting->words, 2));
    EXPECT_EQ((std::array{counting->set, counting->binding}), (std::array{0u, 4u}));
    const auto results = [&](const Words& module, const vk::BufferRef& word) {
      Kernel kernel(device_, module, {});
      const auto x = buffer_of(device_, std::vector<uint32_t>(8));
      Arguments arguments{raw("x", x), value("n", n)};
      if (kernel.parameters().size() == 3) arguments.push_back(raw("", word));  // has no name
      run(kernel, arguments, groups(1));
      return words_of(x);
    };
    const auto word = buffer_of(device_, {0});
    EXPECT_EQ(results(counting->words, word), results(words, word));
    return words_of(word) == std::vector<uint32_t>{1};
  }
};

const std::string kOne =
    "void main() { uint s = 0; for (uint i = 0; i < n; ++i) s += (s ^ i) & 1u | 1u; "
    "x[gl_GlobalInvocationID.x] = s; }";

TEST_F(LoopCountTest, SaysWhenALoopSpendsTheBudget) {
  EXPECT_FALSE(beyond(kOne, 0));
  EXPECT_FALSE(beyond(kOne, 98));
  EXPECT_TRUE(beyond(kOne, 99));  // and the pass that finds the end: a hundred
  EXPECT_TRUE(beyond(kOne, 5000));
}

TEST_F(LoopCountTest, CountsNestedAndConsecutiveLoopsTogether) {
  const std::string nested =
      "void main() { uint s = 0; for (uint j = 0; j < n; ++j) for (uint i = 0; i < n; ++i) s += (s ^ i) & 1u | 1u; "
      "x[gl_GlobalInvocationID.x] = s; }";
  EXPECT_FALSE(beyond(nested, 8));
  EXPECT_TRUE(beyond(nested, 9));
  const std::string consecutive =
      "void main() { uint s = 0; for (uint i = 0; i < n; ++i) s += (s ^ i) & 1u | 1u;\n"
      "do { s += (s ^ n) & 1u | 1u; } while (s < 2u * n); x[gl_GlobalInvocationID.x] = s; }";
  EXPECT_FALSE(beyond(consecutive, 49));
  EXPECT_TRUE(beyond(consecutive, 50));
}

TEST_F(LoopCountTest, SeesEveryWayOut) {
  const std::string ways =
      "uint f(uint a) { uint s = 0; while (true) { s += (s ^ a) & 1u | 1u; if (s >= n) break; if (s < 3u) continue; }\n"
      "  return s; }\n"
      "void main() { uint g = gl_GlobalInvocationID.x; x[g] = 7u; if (g == 2u) return;\n"
      "  switch (g) { case 3u: x[g] = f(g); return; default: x[g] = f(2u); } }";
  EXPECT_FALSE(beyond(ways, 90));
  EXPECT_TRUE(beyond(ways, 100));
}

TEST_F(LoopCountTest, InvocationsInLockstepShareTheCount) {
  if (!agrees()) GTEST_SKIP() << "needs subgroup arithmetic";
  const std::string uneven =
      "void main() { uint s = 0, g = gl_GlobalInvocationID.x; for (uint j = 0; j < 4u; ++j)\n"
      "  for (uint i = 0, most = j == g % 4u ? n : 1u; i < most; ++i) s += (s ^ i) & 1u | 1u;\n"
      "x[g] = s; }";
  EXPECT_FALSE(beyond(uneven, 20));
  EXPECT_TRUE(beyond(uneven, 40));
}

TEST(LoopCount, LeavesAloneWhatHasNoLoopsOrIsTooOld) {
  const Words straight = compiled("void main() { x[gl_GlobalInvocationID.x] = n; }");
  EXPECT_FALSE(has_loops(straight));
  EXPECT_FALSE(count_loops(straight, reflect(straight), kBudget, true));
  const Words old = compiled(kOne, 0);  // SPIR-V 1.0 has no storage buffers of its own
  EXPECT_TRUE(has_loops(old));
  EXPECT_FALSE(count_loops(old, reflect(old), kBudget, true));
}

TEST(LoopCount, MakesValidModulesOfEachVersion) {
  for (const uint32_t minor : {1u, 2u, 3u}) {
    const Words words = compiled(kOne, minor);
    for (const bool agree : {false, true}) {
      const auto counting = count_loops(words, reflect(words), kBudget, agree);
      ASSERT_TRUE(counting);
      EXPECT_NO_THROW(validate(counting->words, minor));
    }
  }
}

TEST(LoopCount, NeedsABindingNumber) {
  const Words words = compile(
      "#version 450\nlayout(binding = 4095) buffer X { uint x[]; };\n"
      "void main() { for (uint i = 0; i < x[1]; ++i) x[0] += i; }",
      {});
  EXPECT_FALSE(count_loops(words, reflect(words), kBudget, true));
}

}  // namespace
}  // namespace forge::shader
