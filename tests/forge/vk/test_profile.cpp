#include "forge/vk/profile.hpp"

#include "forge/core/log.hpp"
#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class Profiles : public DeviceTest {};

TEST_F(Profiles, EachCommandIsTimedByItselfBeyondOnePool) {
  if (device_->limits().timestamp_period_ns == 0) GTEST_SKIP() << "the device has no timestamps";
  auto kernel = kernel_of(device_, kAdd, {.name = "add"});
  const auto buffer = buffer_of(device_, std::vector<uint32_t>(64));
  const auto profile = std::make_shared<Profile>();
  device_->start_profile(profile);
  EXPECT_CODE(WRONG_STATE, device_->start_profile(std::make_shared<Profile>()));
  constexpr size_t kMany = kTimedInPool + 100;
  Commands commands(device_, Commands::Sending::whole);
  for (size_t i = 0; i < kMany; ++i) {
    if (i == 3) commands.flops(128);
    record(commands, *kernel, {raw("c", buffer), value("n", 64), value("add", 1)}, threads(64));
  }
  commands.fill(buffer, 7);
  const uint64_t number = commands.submit();
  device_->stop_profile();
  device_->wait(number);
  device_->collect();
  const auto times = profile->commands();
  ASSERT_EQ(times.size(), kMany + 1);
  double last = 0;
  for (const CommandTime& time : times) {
    EXPECT_EQ(time.number, number);
    EXPECT_GE(time.begin_ns, last);
    EXPECT_GE(time.end_ns, time.begin_ns);
    last = time.end_ns;
  }
  EXPECT_EQ(times[0].name, "add");
  EXPECT_EQ(times[0].bytes, 64u * 4 * 2);
  EXPECT_EQ(times[3].flops, 128);
  EXPECT_EQ(times[4].flops, 0);
  EXPECT_EQ(times.back().name, "fill");
  const auto notes = profile->submissions();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].number, number);
  EXPECT_EQ(notes[0].commands, kMany + 1);
  EXPECT_EQ(notes[0].barriers, kMany);
  EXPECT_EQ(words_of(buffer)[0], 7u);
}

TEST_F(Profiles, WhatRunsOutsideIsNotTimed) {
  const auto buffer = buffer_of(device_, std::vector<uint32_t>(64));
  const auto profile = std::make_shared<Profile>();
  device_->start_profile(profile);
  device_->stop_profile();
  Commands commands(device_);
  commands.fill(buffer, 7);
  device_->wait(commands.submit());
  EXPECT_TRUE(profile->commands().empty());
  EXPECT_TRUE(profile->submissions().empty());
}

TEST(Clock, AnOffsetLetsNoCommandBeginBeforeItWasSent) {
  const std::vector<SubmissionNote> sent = {{.number = 1, .host_ns = 1000}, {.number = 2, .host_ns = 2000}};
  const std::vector<CommandTime> ran = {{.number = 1, .begin_ns = 100, .end_ns = 200},
                                        {.number = 2, .begin_ns = 1050, .end_ns = 1200}};
  EXPECT_EQ(guess_offset(sent, ran), 950);
  EXPECT_EQ(guess_offset(sent, {}), 0);
}

TEST_F(Profiles, TracesSayWhy) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string line) { lines.push_back(std::move(line)); });
  set_tracing(true);
  const auto buffer = buffer_of(device_, std::vector<uint32_t>(64));
  Commands commands(device_);
  commands.because(Why::readback);
  commands.fill(buffer, 7);
  const uint64_t number = commands.submit();
  set_tracing(false);
  set_log_sink({});
  device_->wait(number);
  ASSERT_FALSE(lines.empty());
  EXPECT_CONTAINS(lines.back(),
                  "submission " + std::to_string(number) + ": readback; 1 commands, 0 barriers, 256 bytes");
}

}  // namespace
}  // namespace forge::vk
