#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace forge::vk {

/// Why a submission happened; traces and profiles say it.
enum class Why : unsigned char {
  asked,     // its caller wanted it sent
  called,    // a call that waits for its result
  early,     // the device was idle while a long recording went on
  upload,    // host memory goes to the device by staging
  download,  // and comes back
  readback,  // a copy for the host that nobody waits for yet
  replay,    // a recording that is kept and sent again
  values,    // somebody asked for the values of an expression
  chain,     // an expression had grown as long as one kernel should be
  overwritten,  // memory was about to be written that an expression still reads: it gets a copy
};
std::string_view name_of(Why why);

/// What is known of a submission on the host.
struct SubmissionNote {
  uint64_t number = 0;
  Why why = Why::asked;
  size_t commands = 0, barriers = 0;
  uint64_t bytes = 0;    // that the commands may touch
  double host_ns = 0;    // when it was sent, on the host's steady clock
};

/// One command's time.
struct CommandTime {
  uint64_t number = 0;  // of its submission
  std::string name = {};
  double begin_ns = 0, end_ns = 0;  // on the device's clock
  uint64_t bytes = 0;               // that it may touch: reads and writes of the ranges bound
  double flops = 0;                 // as its caller states; 0: unknown
};

/// Collects while it is a device's profile. Safe to use from any thread.
class Profile {
 public:
  void add(const SubmissionNote& note);
  void add(std::vector<CommandTime> times);
  std::vector<SubmissionNote> submissions() const;
  std::vector<CommandTime> commands() const;

 private:
  mutable std::mutex mutex_;
  std::vector<SubmissionNote> submissions_;
  std::vector<CommandTime> commands_;
};

/// Nanoseconds to add to a device's clock for the host's, where no driver says: no command begins before it was sent.
double guess_offset(const std::vector<SubmissionNote>& submissions, const std::vector<CommandTime>& commands);

double host_now_ns();  // steady clock

// -- VULKAN_FORGE_TRACE: every submission of the process is logged --
void set_tracing(bool on);
bool tracing();
void trace(const std::string& device, const SubmissionNote& note);

}  // namespace forge::vk
