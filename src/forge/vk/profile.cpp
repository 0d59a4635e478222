#include "forge/vk/profile.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "forge/core/log.hpp"
#include "forge/vk/ledger.hpp"

namespace forge::vk {

std::string_view name_of(Why why) {
  constexpr std::string_view names[] = {"asked for",
                                        "a call that waits",
                                        "early, the device was idle",
                                        "upload",
                                        "download",
                                        "readback",
                                        "replay",
                                        "an expression's values",
                                        "long chain",
                                        "overwritten"};
  return names[static_cast<size_t>(why)];
}

void Profile::add(const SubmissionNote& note) {
  const std::lock_guard lock(mutex_);
  submissions_.push_back(note);
}

void Profile::add(std::vector<CommandTime> times) {
  const std::lock_guard lock(mutex_);
  for (CommandTime& time : times) commands_.push_back(std::move(time));
}

std::vector<SubmissionNote> Profile::submissions() const {
  const std::lock_guard lock(mutex_);
  return submissions_;
}

std::vector<CommandTime> Profile::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

double guess_offset(const std::vector<SubmissionNote>& submissions, const std::vector<CommandTime>& commands) {
  std::map<uint64_t, double> sent;
  for (const SubmissionNote& note : submissions) sent[note.number] = note.host_ns;
  double offset = -std::numeric_limits<double>::infinity();
  for (const CommandTime& command : commands)
    if (const auto found = sent.find(command.number); found != sent.end())
      offset = std::max(offset, found->second - command.begin_ns);
  return offset == -std::numeric_limits<double>::infinity() ? 0 : offset;
}

double host_now_ns() {
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

namespace {
std::atomic<bool> traces{false};
}

void set_tracing(bool on) { traces = on; }

bool tracing() { return traces.load(std::memory_order_relaxed); }

void trace(const std::string& device, const SubmissionNote& note) {
  std::string line = device + " submission " + std::to_string(note.number) + ": " + std::string(name_of(note.why));
  if (note.commands > 0)
    line += "; " + std::to_string(note.commands) + " commands, " + std::to_string(note.barriers) + " barriers, " +
            bytes_text(note.bytes);
  log(LogLevel::info, std::move(line));
}

}  // namespace forge::vk
