#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "forge/vk/pipeline.hpp"

namespace forge::vk {

/// Kernels that no process has made before, compiled by another core. Mesa's CPU driver makes a kernel's machine code when
/// it first runs, on the one thread that hands work out, and keeps it on disk, for other devices as well. So a second device
/// runs the kernels that are waiting for their first run, with no workgroups, the last made first: when the device itself
/// comes to them, the driver finds them. Ends when nothing more comes; any failure just ends it. VULKAN_FORGE_COMPILE_AHEAD=0
/// in the environment leaves everything to the device.
class CompileAhead {
 public:
  /// Null where nothing is to be gained: another driver, one core, or no cache on disk.
  static std::unique_ptr<CompileAhead> create(const AdapterInfo& info);
  ~CompileAhead();
  CompileAhead(const CompileAhead&) = delete;
  CompileAhead& operator=(const CompileAhead&) = delete;

  /// Of a pipeline that the device has just made.
  void add(const PipelineLayout& layout, const ShaderCode& code, std::span<const SpecValue> spec,
           bool pin_subgroup) noexcept;
  /// How many the second device has run.
  uint64_t count() const;
  /// How often a second device was asked for.
  uint64_t starts() const;
  /// Drops what was not begun, waits for what was, and remembers what was added. Further calls of add() do nothing.
  void stop();
  /// Stops all of the process; for its end, when the driver is about to go.
  static void stop_all();

 private:
  struct Kernel {
    uint64_t number = 0;
    std::vector<DescriptorSlot> slots;
    uint32_t push_bytes = 0;
    std::vector<uint32_t> words;
    std::string entry;
    std::vector<SpecValue> spec;
    bool pin_subgroup = false;
  };

  explicit CompileAhead(const AdapterInfo& info);
  void start();  // under the lock
  void give_up();  // likewise
  void work();
  std::optional<Kernel> next();
  static void run(const std::shared_ptr<Device>& twin, const std::shared_ptr<Buffer>& spare, const Kernel& kernel);
  void load_known();
  void save_known();

  const uint32_t index_;  // of the adapter
  const std::string key_;  // of what is known of its kernels
  const long pid_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Kernel> waiting_;
  std::unordered_set<uint64_t> known_;  // by processes before, and by this one
  size_t loaded_ = 0;  // of them from before
  uint64_t count_ = 0, starts_ = 0;
  bool working_ = false, stopped_ = false;
  std::thread thread_;
};

}  // namespace forge::vk
