// Descriptor sets of a recording: enough of them, the right ones, and no more than needed.
#include "forge/support/device.hpp"

#include <algorithm>

#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class Descriptors : public DeviceTest {};

TEST_F(Descriptors, MoreSetsThanAPoolHolds) {
  auto kernel = kernel_of(device_, kAdd);
  std::vector<std::shared_ptr<Buffer>> each;
  for (int round = 0; round < 2; ++round) {  // the second time with recycled pools
    each.clear();
    Commands commands(device_, Commands::Sending::whole);
    for (uint32_t i = 0; i < 700; ++i) {
      each.push_back(buffer_of(device_, {i}));
      record(commands, *kernel, {raw("c", each.back()), value("n", 1), value("add", 1000)}, threads(1));
    }
    device_->wait(commands.submit());
    for (uint32_t i = 0; i < 700; ++i) ASSERT_EQ(words_of(each[i])[0], 1000 + i);
  }
}

TEST_F(Descriptors, ManyBindingsEach) {
  const uint32_t most = std::min(device_->limits().max_stage_storage_buffers, 16u);
  std::string body;
  for (uint32_t i = 0; i < most; ++i) {
    const std::string n = std::to_string(i);
    body += "layout(binding = " + n + ") buffer B" + n + " { uint b" + n + "; };\n";
  }
  body += "void main() {\n";
  for (uint32_t i = 0; i < most; ++i) body += "b" + std::to_string(i) + " += " + std::to_string(i) + "u;\n";
  auto kernel = kernel_of(device_, body + "}\n");
  std::vector<std::vector<std::shared_ptr<Buffer>>> all;
  Commands commands(device_);
  for (int round = 0; round < 40; ++round) {  // 640 storage descriptors: a pool holds 512
    Arguments arguments;
    all.emplace_back();
    for (uint32_t i = 0; i < most; ++i) {
      all.back().push_back(buffer_of(device_, {100}));
      arguments.push_back(raw("b" + std::to_string(i), all.back().back()));
    }
    record(commands, *kernel, arguments, threads(1));
  }
  commands.submit();
  for (const auto& row : all)
    for (uint32_t i = 0; i < most; ++i) ASSERT_EQ(words_of(row[i])[0], 100 + i);
}

TEST_F(Descriptors, EqualArgumentsShareASetAndOthersDoNot) {
  auto kernel = kernel_of(device_, kAdd);
  const uint64_t step = std::max<uint64_t>(device_->limits().storage_offset_alignment, 4);
  const auto a = buffer_of(device_, std::vector<uint32_t>(step / 2)), b = buffer_of(device_, std::vector<uint32_t>(4));
  const BufferRef second = BufferRef(a).part(step, 4);
  Commands commands(device_);
  for (int i = 0; i < 10; ++i) {
    record(commands, *kernel, {raw("c", a), value("n", 1), value("add", 1)}, threads(1));
    record(commands, *kernel, {raw("c", second), value("n", 1), value("add", 10)}, threads(1));
    record(commands, *kernel, {raw("c", b), value("n", 1), value("add", 100)}, threads(1));
  }
  commands.submit();
  EXPECT_EQ(words_of(a)[0], 10u);
  EXPECT_EQ(words_of(second)[0], 100u);
  EXPECT_EQ(words_of(b)[0], 1000u);
}

TEST_F(Descriptors, AFailureInTheMiddleIsSaidAndTheRestStillRuns) {
  const auto device = own_device();
  auto own = kernel_of(device, kAdd);
  const auto x = buffer_of(device, {0});
  Commands commands(device);
  commands.begin_scope("scope");
  fault::inject("vkCreateDescriptorPool", VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, record(commands, *own, {raw("c", x), value("n", 1), value("add", 1)}, threads(1)));
  record(commands, *own, {raw("c", x), value("n", 1), value("add", 5)}, threads(1));
  commands.end_scope();
  commands.submit();
  EXPECT_EQ(words_of(x)[0], 5u);
}

}  // namespace
}  // namespace forge::vk
