#include <atomic>
#include <chrono>
#include <thread>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

constexpr uint32_t kTurns = 20000, kSlowThreads = 64 * 1000;

class Timeline : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!device_) return;
    add_ = kernel_of(device_, kAdd);
  }
  void TearDown() override {
    add_.reset();
    DeviceTest::TearDown();
  }
  void add(Commands& commands, const std::shared_ptr<Buffer>& to, uint32_t amount = 1) {
    const auto count = static_cast<uint32_t>(to->size() / 4);
    record(commands, *add_, {raw("c", to), value("n", count), value("add", amount)}, threads(count));
  }
  std::shared_ptr<Buffer> zeros(size_t words = 64) { return buffer_of(device_, std::vector<uint32_t>(words)); }
  std::unique_ptr<shader::Kernel> add_;
};

TEST_F(Timeline, NumbersGrowByOneAndAreReachedInOrder) {
  const auto buffer = zeros();
  uint64_t last = device_->submitted();
  for (int i = 0; i < 20; ++i) {
    Commands commands(device_);
    add(commands, buffer);
    const uint64_t number = commands.submit();
    EXPECT_EQ(number, last + 1);
    EXPECT_EQ(device_->submitted(), number);
    last = number;
  }
  device_->wait(last);
  EXPECT_TRUE(device_->reached(last));
  EXPECT_TRUE(device_->reached(last - 19));
  EXPECT_FALSE(device_->reached(last + 1));
}

TEST_F(Timeline, NothingRecordedIsNothingSubmitted) {
  const uint64_t before = device_->submitted();
  Commands commands(device_);
  EXPECT_EQ(commands.submit(), 0u);
  EXPECT_EQ(device_->submitted(), before);
  device_->wait(0);
}

TEST_F(Timeline, ATimedOutWaitLosesNothing) {
  auto slow = kernel_of(device_, kSlow);
  const auto out = zeros(kSlowThreads);
  Commands commands(device_);
  record(commands, *slow, {raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
  const uint64_t number = commands.submit();
  const Error error = error_of([&] { device_->wait(number, 0); });
  EXPECT_EQ(error.code(), ErrorCode::WAIT_TIMEOUT);
  EXPECT_CONTAINS(error.what(), std::to_string(number));
  EXPECT_FALSE(device_->reached(number));
  device_->wait(number, 600);
  EXPECT_TRUE(device_->reached(number));
  EXPECT_EQ(words_of(out).back(), slow_result(kSlowThreads - 1, kTurns));
}

TEST_F(Timeline, ManyThreadsWaitForOneNumber) {
  auto slow = kernel_of(device_, kSlow);
  const auto out = zeros(kSlowThreads);
  Commands commands(device_);
  record(commands, *slow, {raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
  const uint64_t number = commands.submit();
  std::atomic<int> early{0};
  std::vector<std::thread> waiting;
  for (int i = 0; i < 8; ++i)
    waiting.emplace_back([&] {
      device_->wait(number);
      if (!device_->reached(number)) ++early;
    });
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(early, 0);
  EXPECT_EQ(words_of(out)[7], slow_result(7, kTurns));
}

TEST_F(Timeline, EightThreadsSubmitAtOnce) {
  constexpr int kThreads = 8, kEach = 200;
  const auto shared = zeros(1);
  std::vector<std::shared_ptr<Buffer>> own;
  for (int i = 0; i < kThreads; ++i) own.push_back(zeros(4));
  const uint64_t before = device_->submitted();
  std::atomic<int> failures{0};
  std::vector<std::thread> working;
  for (int t = 0; t < kThreads; ++t)
    working.emplace_back([&, t] {
      try {
        for (int i = 0; i < kEach; ++i) {
          Commands commands(device_);
          add(commands, own[static_cast<size_t>(t)], 3);
          add(commands, shared, 1);
          const uint64_t number = commands.submit();
          if (i % 16 == 0) device_->wait(number);
        }
      } catch (const Error& error) {
        ++failures;
      }
    });
  for (std::thread& thread : working) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(device_->submitted(), before + kThreads * kEach);
  EXPECT_EQ(words_of(shared)[0], uint32_t{kThreads * kEach});
  for (const auto& buffer : own) EXPECT_EQ(words_of(buffer), std::vector<uint32_t>(4, 3 * kEach));
}

TEST_F(Timeline, LongRecordingsStartEarlyAndStayInOrder) {
  const auto buffer = zeros();
  device_->wait_idle();
  Commands commands(device_);
  for (int i = 0; i < 500; ++i) add(commands, buffer);
  const uint64_t number = commands.submit();
  EXPECT_GT(commands.numbers().size(), 1u) << "the idle device was left waiting";
  EXPECT_EQ(commands.numbers().back(), number);
  EXPECT_EQ(words_of(buffer), std::vector<uint32_t>(64, 500));
}

TEST_F(Timeline, ShortRecordingsAreOneSubmission) {
  const auto buffer = zeros();
  Commands commands(device_);
  for (int i = 0; i < 10; ++i) add(commands, buffer);
  commands.submit();
  EXPECT_EQ(commands.numbers().size(), 1u);
}

TEST_F(Timeline, ScopesAreTimedAndNest) {
  if (device_->limits().timestamp_period_ns == 0) GTEST_SKIP() << "the device has no timestamps";
  auto slow = kernel_of(device_, kSlow);
  const auto out = zeros(kSlowThreads);
  const auto go = [&](Commands& commands, uint32_t turns) {
    record(commands, *slow, {raw("c", out), value("turns", turns)}, threads(kSlowThreads));
  };
  uint64_t number = 0;
  double waited_ns = 0;
  for (int i = 0; i < 2; ++i) {  // the second time the kernel is compiled
    Commands commands(device_);
    {
      const Scope outer(commands, "outer");
      {
        const Scope first(commands, "first");
        go(commands, kTurns);
      }
      {
        const Scope second(commands, "second");
        go(commands, 1);
      }
    }
    const auto started = std::chrono::steady_clock::now();
    number = commands.submit();
    device_->wait(number);
    waited_ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - started).count();
  }
  const std::vector<ScopeTime> times = device_->scope_times(number);
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[0].name, "outer");
  EXPECT_EQ(times[1].name, "first");
  EXPECT_EQ(times[2].name, "second");
  for (const ScopeTime& time : times) {
    EXPECT_GT(time.end_ns, time.begin_ns) << time.name;
    EXPECT_GE(time.begin_ns, times[0].begin_ns) << time.name;
    EXPECT_LE(time.end_ns, times[0].end_ns) << time.name;
  }
  EXPECT_LE(times[1].begin_ns, times[2].begin_ns);
  const auto span = [&](size_t i) { return times[i].end_ns - times[i].begin_ns; };
  EXPECT_GT(span(1), 2 * span(2));
  EXPECT_LE(span(0), 1.01 * waited_ns) << "more than the host has waited";
  EXPECT_GE(span(1), 0.5 * waited_ns) << "the kernel ran outside of its scope";
  EXPECT_TRUE(device_->scope_times(number - 1).size() == 3) << "older times are kept";
}

TEST_F(Timeline, MoreScopesThanOneQueryPoolHolds) {
  if (device_->limits().timestamp_period_ns == 0) GTEST_SKIP() << "the device has no timestamps";
  const auto buffer = zeros();
  Commands commands(device_);
  commands.begin_scope("all");
  for (int i = 0; i < 600; ++i) {
    const Scope scope(commands, "one");
    add(commands, buffer);
  }
  commands.end_scope();
  const uint64_t number = commands.submit();
  EXPECT_EQ(device_->scope_times(number).size(), 601u);
  EXPECT_EQ(words_of(buffer)[0], 600u);
}

TEST_F(Timeline, APreparedRecordingRunsAgainAndAgain) {
  const auto buffer = zeros();
  std::unique_ptr<Commands::Prepared> prepared;
  {
    Commands commands(device_);
    add(commands, buffer, 2);
    add(commands, buffer, 5);
    prepared = commands.prepare();
  }
  EXPECT_EQ(words_of(buffer)[0], 0u);
  uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    const uint64_t number = prepared->submit();
    EXPECT_GT(number, last);
    last = number;
  }
  EXPECT_EQ(buffer->last_write(), last);
  EXPECT_EQ(words_of(buffer), std::vector<uint32_t>(64, 350));
}

TEST_F(Timeline, ALongRecordingCanBePreparedToo) {
  const auto buffer = zeros();
  device_->wait_idle();
  Commands commands(device_, Commands::Sending::whole);
  for (int i = 0; i < 200; ++i) add(commands, buffer);
  const auto prepared = commands.prepare();
  prepared->submit();
  prepared->submit();
  EXPECT_EQ(words_of(buffer)[0], 400u);
}

TEST_F(Timeline, APreparedRecordingKeepsItsKernelAndGoesWhileItRuns) {
  const auto out = zeros(kSlowThreads);
  auto slow = kernel_of(device_, kSlow);
  Commands commands(device_);
  record(commands, *slow, {raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
  auto prepared = commands.prepare();
  slow.reset();
  prepared->submit();
  prepared.reset();
  EXPECT_EQ(words_of(out)[3], slow_result(3, kTurns));
}

TEST_F(Timeline, ADroppedRecordingLeavesNoTrace) {
  const auto buffer = zeros();
  const std::string before = live(*device_);
  const uint64_t number = device_->submitted();
  {
    Commands commands(device_);
    add(commands, buffer);
    const Scope scope(commands, "dropped");
  }
  EXPECT_EQ(device_->submitted(), number);
  EXPECT_EQ(words_of(buffer)[0], 0u);
  EXPECT_EQ(buffer->last_use(), 0u);
  EXPECT_EQ(live(*device_), before);
}

// -- faults --

TEST_F(Timeline, AFailedSubmissionIsSaidAndTheNextOneWorks) {
  const auto buffer = zeros();
  const std::string before = live(*device_);
  Commands commands(device_);
  add(commands, buffer);
  fault::inject("vkQueueSubmit", VK_ERROR_OUT_OF_HOST_MEMORY);
  const Error error = error_of([&] { commands.submit(); });
  EXPECT_EQ(error.code(), ErrorCode::OUT_OF_HOST_MEMORY);
  EXPECT_EQ(error.vk_result(), VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CONTAINS(error.what(), "vkQueueSubmit");
  add(commands, buffer, 7);  // the same object again
  commands.submit();
  EXPECT_EQ(words_of(buffer)[0], 7u);
  EXPECT_EQ(live(*device_), before);
}

TEST_F(Timeline, EachCallOfARecordingMayFail) {
  const auto buffer = zeros();
  for (const char* call : {"vkCreateCommandPool", "vkAllocateCommandBuffers", "vkBeginCommandBuffer",
                           "vkEndCommandBuffer", "vkCreateDescriptorPool", "vkAllocateDescriptorSets"}) {
    const auto device = own_device();  // fresh: the shared one has pools to spare
    auto kernel = kernel_of(device, kAdd);
    const auto target = buffer_of(device, std::vector<uint32_t>(64));
    const std::string before = live(*device);
    Commands commands(device);
    const auto go = [&] {
      record(commands, *kernel, {raw("c", target), value("n", 64), value("add", 1)}, threads(64));
      device->wait(commands.submit());
    };
    fault::inject(call, VK_ERROR_OUT_OF_DEVICE_MEMORY);
    const Error error = error_of(go);
    EXPECT_EQ(error.code(), ErrorCode::OUT_OF_DEVICE_MEMORY) << call;
    EXPECT_CONTAINS(error.what(), call);
    Commands second(device);
    record(second, *kernel, {raw("c", target), value("n", 64), value("add", 5)}, threads(64));
    second.submit();
    EXPECT_EQ(words_of(target)[0], 5u) << call;
    EXPECT_EQ(live(*device), before) << call;
  }
}

TEST_F(Timeline, AFailedBeginLeavesTheRecordingUsable) {
  const auto buffer = zeros();
  Commands commands(device_);
  fault::inject("vkBeginCommandBuffer", VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, add(commands, buffer));
  add(commands, buffer, 4);
  commands.submit();
  EXPECT_EQ(words_of(buffer)[0], 4u);
}

TEST_F(Timeline, AFailedScopeLeavesTheRecordingUsable) {
  if (device_->limits().timestamp_period_ns == 0) GTEST_SKIP() << "the device has no timestamps";
  const auto device = own_device();
  auto kernel = kernel_of(device, kAdd);
  const auto target = buffer_of(device, std::vector<uint32_t>(64));
  Commands commands(device);
  fault::inject("vkCreateQueryPool", VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, const Scope scope(commands, "scope"));
  record(commands, *kernel, {raw("c", target), value("n", 64), value("add", 5)}, threads(64));
  commands.submit();
  EXPECT_EQ(words_of(target)[0], 5u);
}

TEST_F(Timeline, AFailedWaitIsSaidAndTheNextOneWaits) {
  auto slow = kernel_of(device_, kSlow);
  const auto out = zeros(kSlowThreads);
  Commands commands(device_);
  record(commands, *slow, {raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
  const uint64_t number = commands.submit();
  fault::inject("vkWaitSemaphores", VK_ERROR_OUT_OF_HOST_MEMORY);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, device_->wait(number));
  device_->wait(number);
  EXPECT_EQ(words_of(out)[1], slow_result(1, kTurns));
}

class LostDevice : public DeviceTest {
 protected:
  void expect_lost_and_over(std::shared_ptr<Device> device) {
    EXPECT_TRUE(device->lost());
    const auto started = std::chrono::steady_clock::now();
    EXPECT_CODE(DEVICE_LOST, Commands commands(device));
    EXPECT_CODE(DEVICE_LOST, Buffer::create(device, 64, Memory::device));
    EXPECT_CODE(DEVICE_LOST, device->wait(device->submitted() + 1));
    EXPECT_CODE(DEVICE_LOST, kernel_of(device, kAdd));
    device.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
  }
  void expect_a_new_one_works() {
    const auto device = own_device();
    auto kernel = kernel_of(device, kAdd);
    const auto buffer = buffer_of(device, std::vector<uint32_t>(8, 1));
    run(*kernel, {raw("c", buffer), value("n", 8), value("add", 1)}, threads(8));
    EXPECT_EQ(words_of(buffer), std::vector<uint32_t>(8, 2));
  }
};

TEST_F(LostDevice, EveryCallThatMayReportIt) {
  for (const char* call : {"vkQueueSubmit", "vkWaitSemaphores", "vkGetSemaphoreCounterValue"}) {
    auto device = own_device();
    auto kernel = kernel_of(device, kSlow);
    auto out = Buffer::create(device, kSlowThreads * 4, Memory::device);
    auto commands = std::make_unique<Commands>(device);
    record(*commands, *kernel, {raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
    fault::inject(call, VK_ERROR_DEVICE_LOST);
    const Error error = error_of([&] { device->wait(commands->submit()); });
    EXPECT_EQ(error.code(), ErrorCode::DEVICE_LOST) << call;
    EXPECT_EQ(error.vk_result(), VK_ERROR_DEVICE_LOST) << call;
    EXPECT_CONTAINS(error.what(), call);
    commands.reset();
    kernel.reset();
    out.reset();
    expect_lost_and_over(std::move(device));
  }
  expect_a_new_one_works();
}

TEST_F(LostDevice, WithWorkInFlightAndEveryKindOfObjectAlive) {
  auto device = own_device(true);
  auto kernel = kernel_of(device, kSlow);
  auto out = Buffer::create(device, kSlowThreads * 4, Memory::device);
  const std::vector<uint32_t> zeros(kSlowThreads);
  upload(out, zeros.data());  // makes the staging ring
  const auto call = kernel->bind(Arguments{raw("c", out), value("turns", kTurns)}, threads(kSlowThreads));
  Commands first(device), waiting(device);
  call.record(first);
  call.record(waiting);
  Commands for_later(device);
  call.record(for_later);
  const auto prepared = for_later.prepare();
  first.submit();
  prepared->submit();
  fault::inject("vkQueueSubmit", VK_ERROR_DEVICE_LOST);
  EXPECT_CODE(DEVICE_LOST, waiting.submit());
  EXPECT_CODE(DEVICE_LOST, prepared->submit());
  std::vector<uint32_t> words(kSlowThreads);
  EXPECT_CODE(DEVICE_LOST, download(words.data(), out));
  EXPECT_CODE(DEVICE_LOST, upload(out, words.data()));
  EXPECT_CODE(DEVICE_LOST, first.submit(); device->wait(device->submitted() + 1));
}

TEST_F(LostDevice, TheDefaultDeviceIsReplaced) {
  release_default_device();
  const std::shared_ptr<Device> first = default_device();
  EXPECT_EQ(default_device(), first);
  fault::inject("vkQueueSubmit", VK_ERROR_DEVICE_LOST);
  const auto buffer = Buffer::create(first, 64, Memory::device);
  Commands commands(first);
  commands.fill(BufferRef(buffer), 1);
  EXPECT_CODE(DEVICE_LOST, commands.submit());
  const std::shared_ptr<Device> second = default_device();
  EXPECT_NE(second, first);
  EXPECT_FALSE(second->lost());
  release_default_device();
}

}  // namespace
}  // namespace forge::vk
