#include "forge/core/log.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace forge {
namespace {

TEST(Log, LinesReachTheSinkInOrder) {
  std::vector<std::string> lines;
  set_log_sink(
      [&](LogLevel level, std::string line) { lines.push_back(std::to_string(static_cast<int>(level)) + " " + line); });
  log(LogLevel::info, "first");
  log(LogLevel::error, "second");
  set_log_sink({});
  log(LogLevel::info, "nobody listens");
  EXPECT_EQ(lines, (std::vector<std::string>{"20 first", "40 second"}));
}

}  // namespace
}  // namespace forge
