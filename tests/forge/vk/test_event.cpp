#include "forge/vk/event.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

constexpr uint32_t kTurns = 20000, kThreads = 64 * 1000;

class Events : public DeviceTest {
 protected:
  std::shared_ptr<Event> slow(const std::shared_ptr<Device>& device, std::function<void()> finish = {}) {
    auto kernel = kernel_of(device, kSlow);
    const auto out = Buffer::create(device, kThreads * 4, Memory::device);
    Commands commands(device);
    record(commands, *kernel, {raw("c", out), value("turns", kTurns)}, threads(kThreads));
    return std::make_shared<Event>(device, commands.submit(), std::move(finish));
  }
};

TEST_F(Events, WaitingFinishesOnce) {
  std::atomic<int> finished{0};
  const auto event = slow(device_, [&] { ++finished; });
  EXPECT_FALSE(event->done());
  EXPECT_FALSE(event->wait_for(0));
  EXPECT_CODE(WAIT_TIMEOUT, event->wait(0.0001));
  EXPECT_EQ(finished, 0);
  std::vector<std::thread> waiting;
  std::atomic<int> early{0};
  for (int i = 0; i < 8; ++i)
    waiting.emplace_back([&] {
      event->wait();
      if (finished != 1) ++early;
    });
  for (std::thread& thread : waiting) thread.join();
  EXPECT_TRUE(event->done());
  EXPECT_EQ(finished, 1);
  EXPECT_EQ(early, 0);
}

TEST_F(Events, AFailedFinishIsSaidAndTriedAgain) {
  int tries = 0;
  const auto event = slow(device_, [&] {
    if (++tries == 1) throw Error(ErrorCode::INTERNAL, "the first time");
  });
  EXPECT_CODE(INTERNAL, event->wait());
  event->wait();
  EXPECT_TRUE(event->done());
  EXPECT_EQ(tries, 2);
}

TEST_F(Events, WhatFinishKeptAliveGoesWithIt) {
  auto kept = std::make_shared<int>(1);
  const std::weak_ptr<int> gone = kept;
  const auto event = slow(device_, [held = std::move(kept)] { EXPECT_EQ(*held, 1); });
  EXPECT_FALSE(gone.expired());
  event->wait();
  EXPECT_TRUE(gone.expired());
}

TEST_F(Events, WatchersAreToldAfterItFinished) {
  std::atomic<bool> finished{false};
  std::promise<bool> told;
  slow(device_, [&] { finished = true; })->watch([&](const std::exception_ptr& e) { told.set_value(!e && finished); });
  EXPECT_TRUE(told.get_future().get());
}

TEST_F(Events, ALossIsTold) {
  const auto device = own_device();
  const auto first = slow(device);
  first->wait();
  const auto event = slow(device);
  std::promise<std::exception_ptr> told;
  fault::inject("vkWaitSemaphores", VK_ERROR_DEVICE_LOST);
  event->watch([&](std::exception_ptr e) { told.set_value(std::move(e)); });
  const std::exception_ptr failure = told.get_future().get();
  ASSERT_TRUE(failure);
  EXPECT_CODE(DEVICE_LOST, std::rethrow_exception(failure));
  EXPECT_CODE(DEVICE_LOST, event->done());
  EXPECT_CODE(DEVICE_LOST, event->wait());
  EXPECT_CODE(DEVICE_LOST, event->watch([](const std::exception_ptr&) {}));
  EXPECT_TRUE(first->done());
}

}  // namespace
}  // namespace forge::vk
