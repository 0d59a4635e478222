#include "forge/vk/driver_threads.hpp"

#include <gtest/gtest.h>

#ifdef __linux__
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace forge::vk {
namespace {

int cores_of(int thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(thread, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

int core_of(int thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(thread, sizeof set, &set);
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) return core;
  return -1;
}

/// Threads that sleep until this goes, in the order in which they were started.
class Sleepers {
 public:
  explicit Sleepers(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        std::unique_lock lock(mutex_);
        numbers.push_back(gettid());
        changed_.notify_all();
        changed_.wait(lock, [this] { return ended_; });
      });
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return numbers.size() == threads_.size(); });
    }
  }
  ~Sleepers() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }
  std::vector<int> numbers;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::vector<std::jthread> threads_;
};

class DriverThreadsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (cores() < 2) GTEST_SKIP() << "one core";
  }
  void TearDown() override { unsetenv("VULKAN_FORGE_SPREAD_THREADS"); }
  static int cores() { return cores_of(0); }
};

TEST_F(DriverThreadsTest, APoolHasACoreForEachThreadAndItsOwnerStaysFree) {
  const Sleepers earlier(1);
  const DriverThreads threads(true);
  const Sleepers started(2 * cores() + 1);
  threads.spread();
  EXPECT_EQ(cores_of(earlier.numbers[0]), cores());
  EXPECT_EQ(cores_of(started.numbers[0]), cores());
  for (const int pool : {0, 1}) {
    std::set<int> used;
    for (int i = 0; i < cores(); ++i) {
      const int thread = started.numbers[static_cast<size_t>(1 + pool * cores() + i)];
      EXPECT_EQ(cores_of(thread), 1);
      used.insert(core_of(thread));
    }
    EXPECT_EQ(used.size(), static_cast<size_t>(cores()));
  }
  EXPECT_EQ(cores_of(0), cores());
}

TEST_F(DriverThreadsTest, FewerThanCoresAreNoPool) {
  const DriverThreads threads(true);
  const Sleepers started(cores() - 1);
  threads.spread();
  for (const int thread : started.numbers) EXPECT_EQ(cores_of(thread), cores());
}

TEST_F(DriverThreadsTest, WhatOthersStartMeanwhileIsLeftAlone) {
  std::unique_ptr<Sleepers> theirs;
  std::atomic<bool> watched = false;
  std::jthread other([&] {
    while (!watched) std::this_thread::yield();
    theirs = std::make_unique<Sleepers>(2 * cores());
  });
  {
    const DriverThreads threads(true);
    watched = true;
    other.join();
    threads.spread();
  }
  for (const int thread : theirs->numbers) EXPECT_EQ(cores_of(thread), cores());
}

TEST_F(DriverThreadsTest, TheCallersNameComesBack) {
  std::array<char, 17> before{}, after{};
  prctl(PR_GET_NAME, before.data());
  {
    const DriverThreads threads(true);
  }
  prctl(PR_GET_NAME, after.data());
  EXPECT_EQ(before, after);
}

TEST_F(DriverThreadsTest, NothingMovesWhereNobodyWantsIt) {
  setenv("VULKAN_FORGE_SPREAD_THREADS", "0", 1);
  const DriverThreads unwanted(false), forbidden(true);
  const Sleepers started(2 * cores());
  unwanted.spread();
  forbidden.spread();
  for (const int thread : started.numbers) EXPECT_EQ(cores_of(thread), cores());
}

}  // namespace
}  // namespace forge::vk
#endif
