#include "forge/core/host_lock.hpp"

#include <gtest/gtest.h>

namespace forge {
namespace {

int left = 0, entered = 0, state = 0;

// What was there before a test is there after it: nothing, in a program without Python.
class HostLock : public ::testing::Test {
 protected:
  void SetUp() override { left = entered = 0; }
  void TearDown() override {
    HostLockRelease::install({[]() -> void* { return nullptr; }, [](void*) {}});
  }
};

TEST_F(HostLock, IsLeftAndEnteredWithWhatLeavingGave) {
  HostLockRelease::install({[]() -> void* { return ++left, &state; },
                            [](void* given) {
                              EXPECT_EQ(given, &state);
                              ++entered;
                            }});
  {
    const HostLockRelease released;
    EXPECT_EQ(left, 1);
    EXPECT_EQ(entered, 0);
  }
  EXPECT_EQ(entered, 1);
}

TEST_F(HostLock, IsNotEnteredWhereItWasNotHeld) {
  HostLockRelease::install({[]() -> void* { return ++left, nullptr; }, [](void*) { ++entered; }});
  {
    const HostLockRelease released;
  }
  EXPECT_EQ(left, 1);
  EXPECT_EQ(entered, 0);
}

TEST_F(HostLock, DoesNothingWhereNoneWasInstalled) {
  {
    const HostLockRelease released;
  }
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace forge
