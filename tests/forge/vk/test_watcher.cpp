#include "forge/vk/watcher.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class Watching : public DeviceTest {
 protected:
  uint64_t submit(const std::shared_ptr<Device>& device, uint32_t turns = 5000) {
    auto kernel = kernel_of(device, kSlow);
    const auto out = Buffer::create(device, 64 * 1000 * 4, Memory::device);
    Commands commands(device);
    record(commands, *kernel, {raw("c", out), value("turns", turns)}, threads(64 * 1000));
    return commands.submit();
  }
};

TEST_F(Watching, ToldOnceEachInAnyOrderByOneThread) {
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 10; ++i) numbers.push_back(submit(device_, 200));
  std::mutex mutex;
  std::set<std::thread::id> threads_seen;
  std::multiset<uint64_t> told;
  std::atomic<size_t> left{numbers.size() * 2};
  std::promise<void> all;
  const auto watch = [&](uint64_t number) {
    device_->watcher().add(device_, number, [&, number](const std::exception_ptr& failure) {
      {
        const std::lock_guard lock(mutex);
        EXPECT_FALSE(failure);
        EXPECT_TRUE(device_->reached(number));
        threads_seen.insert(std::this_thread::get_id());
        told.insert(number);
      }
      if (--left == 0) all.set_value();
    });
  };
  for (auto at = numbers.rbegin(); at != numbers.rend(); ++at) watch(*at);
  for (const uint64_t number : numbers) watch(number);
  all.get_future().get();
  EXPECT_EQ(threads_seen.size(), 1u);
  for (const uint64_t number : numbers) EXPECT_EQ(told.count(number), 2u);
}

TEST_F(Watching, ALowerNumberDoesNotWaitForAHigherOne) {
  const uint64_t low = submit(device_, 1000);
  uint64_t high = 0;
  for (int i = 0; i < 5; ++i) high = submit(device_, 20000);  // long enough for a busy machine's watcher to wake before
  std::promise<bool> told_high;
  std::promise<bool> told_low;
  device_->watcher().add(device_, high, [&](const std::exception_ptr&) { told_high.set_value(true); });
  device_->watcher().add(device_, low, [&](const std::exception_ptr&) { told_low.set_value(!device_->reached(high)); });
  EXPECT_TRUE(told_low.get_future().get()) << "the higher number was done before the lower one was told";
  told_high.get_future().get();
}

TEST_F(Watching, TheLastShareOfTheDeviceMayGoOnTheWatchersThread) {
  for (int i = 0; i < 5; ++i) {
    auto device = own_device();
    const std::weak_ptr<Device> gone = device;
    std::promise<void> told;
    const uint64_t number = submit(device, 500);
    Watcher& watcher = device->watcher();
    watcher.add(std::move(device), number, [&](const std::exception_ptr&) { told.set_value(); });
    told.get_future().get();
    while (!gone.expired()) std::this_thread::yield();
  }
}

TEST_F(Watching, StopDropsWhatWasNotTold) {
  auto device = own_device();
  const std::weak_ptr<Device> gone = device;
  const auto kept = std::make_shared<int>(0);
  Watcher& watcher = device->watcher();
  watcher.add(device, submit(device, 20000), [kept](const std::exception_ptr&) { ++*kept; });
  watcher.stop();
  EXPECT_EQ(*kept, 0);
  EXPECT_EQ(kept.use_count(), 1);
  watcher.add(device, 1, [kept](const std::exception_ptr&) { ++*kept; });
  EXPECT_EQ(kept.use_count(), 1) << "a stopped watcher took a wait that it will never end";
  device.reset();
  EXPECT_TRUE(gone.expired());
}

TEST_F(Watching, StopAllEndsEveryThread) {
  auto first = own_device(), second = own_device();
  const auto kept = std::make_shared<int>(0);
  for (const auto& device : {first, second})
    device->watcher().add(device, submit(device, 20000), [kept](const std::exception_ptr&) { ++*kept; });
  drop_shared_device();
  Watcher::stop_all();
  EXPECT_LE(*kept, first->compiles_alone() ? 1 : 0);  // the second was sent its work when the first had ended
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace forge::vk
