#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge/vk/adapter.hpp"
#include "forge/vk/check.hpp"
#include "forge/vk/ledger.hpp"
#include "forge/vk/memory.hpp"
#include "forge/vk/pick.hpp"
#include "forge/vk/refs.hpp"
#include "forge/vk/vulkan.hpp"

namespace forge::vk {

class CompileAhead;
class Instance;
struct CommandSlot;
class Profile;
class StagingRing;
class Watcher;
struct SubmissionNote;

struct DeviceOptions {
  DeviceWish wish;
  bool force_staging = false;   // treat device memory as invisible to the host, as on a discrete card
  bool emulate_transfer = false;  // a second lane on a device with one queue, which holds work back as long as it may
  bool compile_ahead = true;  // false: not even where it gains something
};

/// The queues of a device by what they are for. A device with one has both lanes on it.
enum class Lane : unsigned char { main, transfer };

/// Native objects alive on a device; leak tests compare them.
struct ObjectCounts {
  uint64_t buffers = 0, imports = 0, images = 0, pipelines = 0, other = 0;
  uint64_t buffer_bytes = 0;  // asked for by live buffers
  uint64_t pooled_bytes = 0;  // kept for the next buffers
};

/// GPU time of one labelled scope.
struct ScopeTime {
  std::string name;
  double begin_ns = 0;  // on the device's own clock
  double end_ns = 0;
};

/// What a submission has to do with memory; both run under the lock that gives numbers their order.
struct Uses {
  std::function<void(uint64_t number)> note;  // remembers the number where it is used
  std::function<uint64_t(Lane lane)> needed;  // the last number of another lane to wait for; none given: all

  template <class Note>
  Uses(Note n, std::function<uint64_t(Lane lane)> most = {})  // NOLINT(google-explicit-constructor): most give one
      : note(std::move(n)), needed(std::move(most)) {}
};

/// One Vulkan device with its queues and its timeline. Safe to use from any thread.
class Device : public std::enable_shared_from_this<Device> {
 public:
  static std::shared_ptr<Device> open(const DeviceOptions& options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const AdapterInfo& info() const { return info_; }
  const Limits& limits() const { return info_.limits; }
  bool has(const std::string& feature) const { return info_.has(feature); }
  void require(const std::string& feature, const std::string& for_what) const;  // throws MISSING_FEATURE
  bool compiles_alone() const { return compiles_alone_; }  // see CompilerTurn
  bool unified() const { return unified_; }  // device memory is host-visible and cached
  const VolkDeviceTable& vk() const { return vk_; }
  VkDevice handle() const { return handle_; }
  VkPhysicalDevice physical() const { return physical_; }
  VmaAllocator allocator() const { return allocator_; }
  VkPipelineCache pipeline_cache() const { return pipeline_cache_; }
  CompileAhead* compile_ahead() const { return ahead_.get(); }  // null: kernels are made when they first run
  void check_process() const;  // throws FORKED
  void check_usable() const;  // throws FORKED or DEVICE_LOST

  // -- the timeline: submissions are numbers, waiting is waiting for a number --
  // Where there are two lanes each has a semaphore, numbers are given out in one order, and their lowest bit is the lane.
  uint64_t submitted() const { return submitted_.load(std::memory_order_acquire); }
  uint64_t submitted(Lane lane) const { return queue(lane).submitted.load(std::memory_order_acquire); }
  size_t lanes() const { return lanes_; }
  bool emulates_transfer() const { return holds_back_; }
  uint32_t timestamp_bits(Lane lane) const { return queue(lane).timestamp_bits; }
  Lane lane_of(uint64_t number) const { return lanes_ == 1 ? Lane::main : static_cast<Lane>(number & 1); }
  /// True where the number is known to have passed; asks nothing of the driver.
  bool known_done(uint64_t number) const {
    return number <= queue(lane_of(number)).completed.load(std::memory_order_acquire);
  }
  bool reached(uint64_t number);  // of a lost device, everything
  bool passed(uint64_t number);  // throws DEVICE_LOST where it never will
  /// Throws WAIT_TIMEOUT (the work goes on) or DEVICE_LOST. A negative timeout waits for ever.
  void wait(uint64_t number, double timeout_s = -1);
  bool wait_for(uint64_t number, double timeout_s);  // false after the timeout
  Watcher& watcher() { return *watcher_; }  // tells when numbers pass
  /// What may find the results of passed work wrong, and throw: called by each wait. Set at most once.
  void set_results_check(std::function<void()> check);
  void check_results() const;
  void wait_idle();
  /// Submits recorded commands; `on_number` runs under the queue's lock with the submission's number.
  uint64_t submit(std::unique_ptr<CommandSlot> slot, const Uses& uses);
  /// Submits a command buffer that its owner keeps (a prepared call).
  uint64_t submit_prepared(VkCommandBuffer commands, const Uses& uses);
  std::unique_ptr<CommandSlot> take_slot(Lane lane = Lane::main);
  void give_slot(std::unique_ptr<CommandSlot> slot);
  std::vector<ScopeTime> scope_times(uint64_t number);  // waits for it

  // -- what is freed lives until the timeline has passed its last use --
  void retire(VkObjectType type, uint64_t handle, uint64_t after);
  void retire_buffer(const RawBuffer& raw, uint64_t size, uint64_t after, std::shared_ptr<void> keepalive);
  void retire_image(VkImage image, VmaAllocation allocation, uint64_t after);
  void collect();  // frees what has retired
  void trim();  // gives pooled memory back to the driver

  uint64_t worth_waiting_for(Memory intent, uint64_t capacity);
  RawBuffer take_buffer(uint64_t size, Memory intent, const std::string& label);
  RawBuffer import_host(void* page, uint64_t bytes);
  void count_image(int64_t change) { images_ += static_cast<uint64_t>(change); }
  void count_pipeline(int64_t change) { pipelines_ += static_cast<uint64_t>(change); }
  ObjectCounts counts();

  // -- who wants to see: profiles time each command, VULKAN_FORGE_TRACE logs each submission --
  void start_profile(std::shared_ptr<Profile> profile);  // throws WRONG_STATE while another one runs
  void stop_profile();
  bool profiling() const { return profiling_.load(std::memory_order_relaxed); }
  /// Nanoseconds to add to the device's clock for the host's steady one, where the driver can say.
  std::optional<double> clock_offset_ns() const;
  Ledger& ledger() { return ledger_; }

  VkSampler sampler(SamplerKind kind);
  StagingRing& staging();
  void name_object(VkObjectType type, uint64_t handle, const std::string& label) const;
  bool labels() const;
  std::vector<MemoryHeap> heaps() const;  // with this moment's budget
  void save_pipeline_cache() noexcept;
  bool lost() const { return lost_; }

  /// One object per key for the device's lifetime (the library's own programs). Holders keep no reference to the device.
  template <class T>
  T& shared_object(const void* key, const std::function<std::shared_ptr<T>()>& make) {
    const std::lock_guard lock(shared_mutex_);
    std::shared_ptr<void>& held = shared_[key];
    if (!held) held = make();
    return *static_cast<T*>(held.get());
  }

 private:
  struct Retired {
    uint64_t after = 0;
    VkObjectType type = VK_OBJECT_TYPE_UNKNOWN;
    uint64_t handle = 0;
    RawBuffer buffer;
    std::shared_ptr<void> keepalive;
  };
  struct InFlight {
    uint64_t number;
    std::unique_ptr<CommandSlot> slot;
  };

  struct Queue {
    VkQueue handle = VK_NULL_HANDLE;
    uint32_t family = 0;
    uint32_t timestamp_bits = 0;
    VkSemaphore timeline = VK_NULL_HANDLE;
    std::atomic<uint64_t> submitted{0}, completed{0};
  };
  // A submission of the emulated lane, kept until somebody waits for it: whoever forgets to is found out.
  struct Held {
    VkCommandBuffer commands;
    uint64_t number, needed;
  };
  Queue& queue(Lane lane) { return queues_[static_cast<size_t>(lane)]; }
  const Queue& queue(Lane lane) const { return queues_[static_cast<size_t>(lane)]; }

  explicit Device(std::shared_ptr<Instance> instance);
  void create(const DeviceOptions& options);
  void create_allocator();
  void create_pipeline_cache();
  void create_queues(const QueueChoice& choice, bool emulate);
  uint64_t submit_locked(VkCommandBuffer commands, Lane lane, const Uses& uses);
  void send(VkCommandBuffer commands, Lane lane, uint64_t number, uint64_t needed);
  void send_held(uint64_t up_to);  // queue_mutex_ held
  void release_held(uint64_t number);
  void ask(Queue& queue);  // how far it is
  uint64_t all_passed() const { return (lanes_ == 1 ? queues_[0].completed : passed_).load(std::memory_order_acquire); }
  void learn();  // asks every lane how far it is
  void destroy(Retired& retired);
  void destroy_raw(const RawBuffer& raw);
  void recycle(std::unique_ptr<CommandSlot> slot);
  void watch(CommandSlot& slot);
  void note_submission(SubmissionNote& note, const std::shared_ptr<Profile>& profile) const;
  void deliver_times(uint64_t number, const CommandSlot& slot);
  [[noreturn]] void become_lost(const char* call);
  RawBuffer allocate(uint64_t capacity, Memory intent);

  std::shared_ptr<Instance> instance_;
  AdapterInfo info_;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  VkDevice handle_ = VK_NULL_HANDLE;
  VolkDeviceTable vk_{};
  std::array<Queue, 2> queues_;
  size_t lanes_ = 1;
  std::vector<uint32_t> families_;  // of the lanes, each once
  bool holds_back_ = false;
  VmaAllocator allocator_ = nullptr;
  VkPipelineCache pipeline_cache_ = VK_NULL_HANDLE;
  bool unified_ = false, compiles_alone_ = false;
  long pid_ = 0;
  std::atomic<bool> lost_{false};
  std::function<void()> results_check_;
  std::atomic<bool> has_results_check_{false};

  std::mutex queue_mutex_;  // VkQueue and the order of submission numbers
  std::deque<Held> held_;  // queue_mutex_
  std::atomic<uint64_t> sequence_{0}, submitted_{0};
  std::atomic<uint64_t> passed_{0};  // everything up to here, of all lanes
  std::mutex retire_mutex_;  // retired_, pool_, in_flight_, slots_, times_
  std::vector<Retired> retired_;
  std::array<std::deque<InFlight>, 2> in_flight_;  // by lane
  std::array<std::vector<std::unique_ptr<CommandSlot>>, 2> slots_;
  std::map<uint64_t, std::vector<ScopeTime>> times_;
  BufferPool pool_{0};
  std::recursive_mutex shared_mutex_;
  std::map<const void*, std::shared_ptr<void>> shared_;
  std::map<SamplerKind, VkSampler> samplers_;
  std::unique_ptr<StagingRing> staging_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<CompileAhead> ahead_;
  Ledger ledger_;
  std::shared_ptr<Profile> profile_;  // retire_mutex_
  std::atomic<bool> profiling_{false};
  std::atomic<uint64_t> buffers_{0}, imports_{0}, images_{0}, pipelines_{0}, buffer_bytes_{0};

  friend class Buffer;
};

/// What a wait throws whose time was over.
Error still_running(uint64_t number, double timeout_s);

/// The device that calls without one use: VULKAN_FORGE_DEVICE, VULKAN_FORGE_PREFER_SOFTWARE, else the best.
std::shared_ptr<Device> default_device();
/// Drops it; the next call opens a new one. Objects that use it keep it alive.
void release_default_device();
DeviceOptions options_from_environment();

}  // namespace forge::vk
