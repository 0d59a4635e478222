#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/vk/passes.hpp"
#include "forge/vk/work.hpp"

namespace forge::vk {

/// Other forms of captured commands, for one submission.
struct Changes {
  struct Push {
    uint32_t command;
    size_t at;  // in bytes; as many as the command has
  };
  std::vector<std::pair<uint32_t, Work>> works;  // as a whole
  std::vector<Push> pushes;                      // by their push constants alone
  std::vector<std::byte> bytes;
};

/// Captured commands, ordered once and recorded once for each set of values that they run with. Not for two threads at
/// a time; submissions of one graph run one after another on the device, each with the values it was given.
class Graph {
 public:
  /// Recordings with different values that may be in flight; one more waits for the oldest.
  static constexpr size_t kMostInFlight = 16;

  Graph(std::shared_ptr<Device> device, std::vector<Capture::Item> items);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  const std::shared_ptr<Device>& device() const { return device_; }
  const std::vector<Capture::Item>& items() const { return items_; }
  const Schedule& order() const { return schedule_; }

  /// Sends again what was recorded under this key, where that still is; none: submit() must record. Runs after what
  /// has the numbers `after`.
  std::optional<uint64_t> submit_again(const std::string& key, std::span<const uint64_t> after = {});
  /// Records the commands with these changes and sends them; the number to wait for, 0 where there are no commands.
  /// `key` names the changes: the same key always comes with the same ones. "" is none.
  uint64_t submit(Changes changes, const std::string& key, std::span<const uint64_t> after = {});
  /// The same, with a timestamp before and after each command.
  uint64_t submit_timed(Changes changes, std::span<const uint64_t> after = {});
  /// Milliseconds on the device of each command in the last timed submission, which is waited for; empty before one.
  std::vector<double> times() const;

 private:
  struct BufferUse {
    Buffer* buffer;
    bool written;
    bool needs_values;  // nothing in the graph writes it
  };
  struct ImageUse {
    std::shared_ptr<Image> image;
    bool written;
  };
  struct SentImage {
    Image* image;
    bool written;
  };
  using Images = std::vector<ImageUse>;
  // Holds no share of memory: a recording is sent again only with the values whose memory its caller holds.
  struct Recording {
    std::unique_ptr<CommandSlot> slot;
    std::string key;
    bool valid = false;
    uint64_t number = 0;  // of the last submission
    std::vector<BufferUse> buffers;
    std::vector<SentImage> images;
    std::vector<std::vector<VkDescriptorSet>> sets;  // of each dispatch as it was captured; empty until it is recorded
    VkQueryPool queries = VK_NULL_HANDLE;
  };
  class Changed;

  Images images() const;
  void bring_home(const Images& images) const;
  Schedule plan(const Images& images, Passes passes = Passes::joined) const;
  Recording& free_recording();
  void record(Recording& recording, Changes& changes, bool timed);
  void record_into(Commands& commands, const Schedule& schedule, const Images& images, Recording& recording,
                   const Changes& changes, VkQueryPool queries) const;
  std::vector<BufferUse> uses() const;
  uint64_t send(Recording& recording, std::span<const uint64_t> after);
  uint64_t submit_profiled(Changes& changes, std::span<const uint64_t> after);
  void reset(Recording& recording);
  void make_queries(Recording& recording);
  void retire(Recording& recording);

  std::shared_ptr<Device> device_;
  std::vector<Capture::Item> items_;
  Images images_;  // as captured
  Schedule schedule_;
  std::vector<BufferUse> uses_;
  std::vector<std::unique_ptr<Recording>> recordings_;
  std::unique_ptr<Recording> timed_;
};

}  // namespace forge::vk
