#include "forge/core/environment.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace forge {
namespace {

constexpr const char* kName = "VULKAN_FORGE_TEST_ENVIRONMENT";

TEST(Environment, FlagsAreWordsOfEveryday) {
  unsetenv(kName);
  EXPECT_EQ(environment(kName), "");
  EXPECT_FALSE(environment_flag(kName));
  EXPECT_TRUE(environment_flag(kName, true));
  setenv(kName, "", 1);  // as if it were not set
  EXPECT_FALSE(environment_flag(kName));
  EXPECT_TRUE(environment_flag(kName, true));
  for (const char* no : {"0", "false", "no", "off"}) {
    setenv(kName, no, 1);
    EXPECT_EQ(environment(kName), no);
    EXPECT_FALSE(environment_flag(kName, true)) << no;
  }
  for (const char* yes : {"1", "true", "yes", "on", "2"}) {
    setenv(kName, yes, 1);
    EXPECT_TRUE(environment_flag(kName)) << yes;
  }
  unsetenv(kName);
}

}  // namespace
}  // namespace forge
