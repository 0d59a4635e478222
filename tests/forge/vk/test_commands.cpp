#include "forge/vk/commands.hpp"

#include <algorithm>
#include <cstring>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;
using Words = std::vector<uint32_t>;

class CommandsTest : public DeviceTest {
 protected:
  std::shared_ptr<Buffer> numbers(uint32_t count) {
    Words words(count);
    for (uint32_t i = 0; i < count; ++i) words[i] = i;
    return buffer_of(device_, words);
  }
};

TEST_F(CommandsTest, FillsAndCopiesInOrder) {
  const auto a = numbers(100), b = numbers(100);
  Commands commands(device_);
  commands.fill(a, 7);
  commands.copy(a, b);
  commands.fill(BufferRef(a).part(40, 40), 9);
  commands.copy(BufferRef(a).part(36, 8), BufferRef(b).part(0, 8));
  commands.submit();
  const Words first = words_of(a), second = words_of(b);
  for (uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(first[i], i >= 10 && i < 20 ? 9u : 7u) << i;
    EXPECT_EQ(second[i], i == 1 ? 9u : 7u) << i;
  }
}

TEST_F(CommandsTest, BarriersFollowTheRanges) {
  const auto a = numbers(256), b = numbers(256);
  const BufferRef left(a, 0, 512), right(a, 512, 512), to_left(b, 0, 512), to_right(b, 512, 512);
  Commands commands(device_);
  commands.fill(left, 1);
  commands.fill(right, 2);
  EXPECT_EQ(commands.barrier_count(), 0u) << "halves are independent";
  commands.copy(left, to_left);
  EXPECT_EQ(commands.barrier_count(), 1u);
  commands.copy(right, to_right);
  EXPECT_EQ(commands.barrier_count(), 1u) << "that barrier served both";
  commands.fill(left, 3);
  EXPECT_EQ(commands.barrier_count(), 2u) << "a write after the read";
  commands.submit();
  const Words copied = words_of(b);
  for (uint32_t i = 0; i < 256; ++i) EXPECT_EQ(copied[i], i < 128 ? 1u : 2u);
  EXPECT_EQ(words_of(a)[0], 3u);
}

TEST_F(CommandsTest, CopiesWithinOneBuffer) {
  const auto a = numbers(100);
  Commands commands(device_);
  commands.copy(BufferRef(a).part(0, 40), BufferRef(a).part(200, 40));
  commands.copy(BufferRef(a).part(200, 40), BufferRef(a).part(100, 40));
  commands.submit();
  const Words words = words_of(a);
  for (uint32_t i = 0; i < 10; ++i) EXPECT_EQ(words[25 + i], i);
}

TEST_F(CommandsTest, AFillOfOddBytesSparesWhatFollows) {
  const auto a = numbers(4);
  Commands commands(device_);
  EXPECT_CODE(INTERNAL, commands.fill(BufferRef(a).part(0, 5), 0xFFFFFFFF));
  EXPECT_CODE(INTERNAL, commands.fill(BufferRef(a).part(2, 4), 0xFFFFFFFF));
  const auto odd = Buffer::create(device_, 7, Memory::device);
  commands.fill(odd, 0xFFFFFFFF);
  commands.submit();
  EXPECT_EQ(words_of(a), (Words{0, 1, 2, 3}));
  unsigned char bytes[7];
  download(bytes, BufferRef(odd));
  for (const unsigned char byte : bytes) EXPECT_EQ(byte, 255);
}

TEST_F(CommandsTest, AThousandIncrementsOfOneBuffer) {
  auto kernel = kernel_of(device_, kAdd);
  const auto counters = buffer_of(device_, Words(257));
  const auto call = kernel->bind(Arguments{raw("c", counters), value("n", 257), value("add", 1)}, threads(257));
  Commands commands(device_, Commands::Sending::whole);
  for (int i = 0; i < 1000; ++i) call.record(commands);
  EXPECT_EQ(commands.barrier_count(), 999u);
  commands.submit();
  EXPECT_EQ(words_of(counters), Words(257, 1000));
}

TEST_F(CommandsTest, IndependentDispatchesHaveNoBarriers) {
  auto kernel = kernel_of(device_, kAdd);
  std::vector<std::shared_ptr<Buffer>> each;
  Commands commands(device_);
  for (int i = 0; i < 20; ++i) {
    each.push_back(buffer_of(device_, Words(64)));
    record(commands, *kernel, {raw("c", each.back()), value("n", 64), value("add", i)}, threads(64));
  }
  EXPECT_EQ(commands.barrier_count(), 0u);
  commands.submit();
  for (uint32_t i = 0; i < 20; ++i) EXPECT_EQ(words_of(each[i]), Words(64, i));
}

TEST_F(CommandsTest, AChainThroughCopiesAndKernels) {
  auto kernel = kernel_of(device_, kAddAt);
  const auto a = buffer_of(device_, Words(64)), b = buffer_of(device_, Words(64));
  Commands commands(device_);
  for (int i = 0; i < 100; ++i) {
    record(commands, *kernel, {raw("c", a), value("n", 64), value("add", 1)}, threads(64));
    commands.copy(a, b);
    record(commands, *kernel, {raw("c", b), value("n", 64), value("add", 1)}, threads(64));
    commands.copy(b, a);
  }
  commands.submit();
  EXPECT_EQ(words_of(a), Words(64, 200));
}

TEST_F(CommandsTest, ARandomStoryMatchesTheHost) {
  // Copies, fills and kernels on overlapping ranges; the same on the host gives the same.
  auto kernel = kernel_of(device_, kAddAt);
  const Words random = noise(4000);
  size_t at = 0;
  const auto below = [&](uint32_t end) { return random[at++] % end; };
  std::vector<Words> host(3, Words(96));
  std::vector<std::shared_ptr<Buffer>> on_device;
  for (uint32_t i = 0; i < 3; ++i) {
    host[i] = noise(96, i + 5);
    on_device.push_back(buffer_of(device_, host[i]));
  }
  Commands commands(device_);
  for (int step = 0; step < 400; ++step) {
    const uint32_t a = below(3), b = (a + 1 + below(2)) % 3, from = below(64), to = below(64), count = 1 + below(32);
    const BufferRef source = BufferRef(on_device[a]).part(from * 4, count * 4),
                    target = BufferRef(on_device[b]).part(to * 4, count * 4);
    switch (below(3)) {
      case 0:
        commands.copy(source, target);
        std::copy_n(host[a].begin() + from, count, host[b].begin() + to);
        break;
      case 1:
        commands.fill(target, from);
        std::fill_n(host[b].begin() + to, count, from);
        break;
      default:
        record(commands, *kernel, {raw("c", target), value("n", count), value("add", from)}, threads(count));
        for (uint32_t i = 0; i < count; ++i) host[b][to + i] += from;
    }
  }
  commands.submit();
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(words_of(on_device[i]), host[i]) << i;
}

TEST_F(CommandsTest, IndirectDispatchesWaitForTheirCount) {
  auto kernel = kernel_of(device_,
                          "layout(binding = 0) buffer O { uint o[]; };\n"
                          "void main() { atomicAdd(o[0], 1); }\n");
  auto planner = kernel_of(device_,
                           "layout(binding = 0) buffer G { uint g[]; };\n"
                           "void main() { g[1] = 6; g[2] = 7; g[3] = 1; }\n");
  const auto out = buffer_of(device_, Words(4)), counts = buffer_of(device_, Words(4));
  const auto call = kernel->bind(Arguments{raw("o", out)}, groups(1));
  Commands commands(device_);
  record(commands, *planner, {raw("g", counts)}, threads(1));
  commands.dispatch_indirect({.pipeline = call.pipeline,
                              .push = call.push,
                              .descriptors = call.descriptors,
                              .buffers = call.buffers,
                              .images = {}},
                             BufferRef(counts).part(4, 12));
  commands.submit();
  EXPECT_EQ(words_of(out)[0], 42u);
}

TEST_F(CommandsTest, UsesAreKnownOnceSubmitted) {
  const auto a = numbers(16), b = numbers(16);
  Commands commands(device_);
  commands.copy(a, b);
  EXPECT_EQ(a->last_use(), 0u);
  const uint64_t number = commands.submit();
  EXPECT_EQ(a->last_read(), number);
  EXPECT_EQ(a->last_write(), 0u);
  EXPECT_EQ(b->last_write(), number);
}

TEST_F(CommandsTest, ARecordingKeepsItsBuffers) {
  auto a = numbers(16);
  const auto b = buffer_of(device_, Words(16));
  Commands commands(device_);
  commands.copy(a, b);
  std::weak_ptr<Buffer> watched = a;
  a.reset();
  EXPECT_FALSE(watched.expired());
  commands.submit();
  EXPECT_TRUE(watched.expired()) << "from here on the retire list holds its memory";
  EXPECT_EQ(words_of(b)[15], 15u);
}

}  // namespace
}  // namespace forge::vk
