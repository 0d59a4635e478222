#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "forge/vk/device.hpp"
#include "forge/vk/memory.hpp"
#include "forge/vk/refs.hpp"

namespace forge::vk {

class Buffer;

/// Who reads a buffer later than now, and must know before it is written.
struct BufferReader {
  virtual ~BufferReader() = default;
  /// Called by each thread that is about to write, until one such call has returned. `copies`: what readers of the same
  /// buffer have made for each other.
  virtual void before_write(const Buffer& memory, std::shared_ptr<void>& copies) = 0;
};

/// A run of device memory. Remembers the submissions that last read and wrote it, so its memory outlives them and the
/// host knows what to wait for.
class Buffer {
 public:
  static std::shared_ptr<Buffer> create(std::shared_ptr<Device> device, uint64_t size, Memory intent,
                                        const std::string& label = {});
  /// Host memory in place, at any alignment; `keepalive` is dropped once the device has finished with it.
  /// Throws MISSING_FEATURE where the device cannot import, INTEROP where the driver refuses these pages.
  static std::shared_ptr<Buffer> import_host(std::shared_ptr<Device> device, void* data, uint64_t size,
                                             std::shared_ptr<void> keepalive, const std::string& label = {});
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  Device& device() const { return *device_; }
  const std::shared_ptr<Device>& device_ptr() const { return device_; }
  VkBuffer handle() const { return raw_.buffer; }
  uint64_t id() const { return id_; }  // unique in the process; names the buffer to the recorder
  uint64_t size() const { return size_; }  // bytes
  uint64_t origin() const { return origin_; }  // bytes from the VkBuffer's start to ours (imports)
  uint64_t address() const { return raw_.address + origin_; }
  Memory intent() const { return raw_.intent; }
  const std::string& label() const { return account_.label; }  // what memory reports call it
  bool imported() const { return raw_.imported != VK_NULL_HANDLE; }
  std::byte* mapped() const { return raw_.mapped ? raw_.mapped + origin_ : nullptr; }
  void flush(uint64_t offset, uint64_t bytes) const;  // host writes become visible to the device
  void invalidate(uint64_t offset, uint64_t bytes) const;  // device writes become visible to the host

  uint64_t last_read(Lane lane) const { return last_read_[static_cast<size_t>(lane)].load(std::memory_order_acquire); }
  uint64_t last_read() const { return std::max(last_read(Lane::main), last_read(Lane::transfer)); }
  uint64_t last_write() const { return last_write_.load(std::memory_order_acquire); }
  uint64_t last_use() const { return std::max(last_read(), last_write()); }
  void used(uint64_t number, bool written);
  /// Keeps a reader until it goes, or until the next write.
  void add_reader(std::weak_ptr<BufferReader> reader);
  /// Tells the readers of what is there now; whoever writes calls it first. Costs one look where there are none.
  void before_write() {
    if (has_readers_.load(std::memory_order_acquire) && !awaits_run()) tell_readers();
  }

  /// Nobody is told of the next write: for memory that its own readers write over.
  void forget_readers();

  /// A captured command will write this memory when it runs.
  void await_run() {
    if (last_write() == 0 && !host_wrote_.load(std::memory_order_relaxed))
      awaits_run_.store(true, std::memory_order_relaxed);
  }
  /// Throws WRONG_STATE where nothing gives the memory values but captured commands that have not run. Whoever reads it
  /// calls this first.
  void require_values() const {
    if (awaits_run()) refuse_unrun();
  }

  void wait_readable() const {
    require_values();
    device_->wait(last_write());
  }
  void wait_writable() {
    before_write();
    host_wrote_.store(true, std::memory_order_relaxed);
    awaits_run_.store(false, std::memory_order_relaxed);
    device_->wait(last_read(Lane::main));
    device_->wait(last_read(Lane::transfer));
    device_->wait(last_write());
  }
  /// Copies go beside the kernels, but not those of imported pages: other imports of the same may be in use.
  Lane copy_lane() const { return imported() ? Lane::main : Lane::transfer; }
  /// The last number of a lane that other lanes must wait for before they read, or write.
  uint64_t needed(Lane lane, bool to_write) const {
    const uint64_t write = device_->lane_of(last_write()) == lane ? last_write() : 0;
    return to_write ? std::max(write, last_read(lane)) : write;
  }

 private:
  Buffer(std::shared_ptr<Device> device, const RawBuffer& raw, uint64_t size, uint64_t origin,
         std::shared_ptr<void> keepalive, const std::string& label);

  class Imports;
  bool awaits_run() const { return awaits_run_.load(std::memory_order_relaxed) && last_write() == 0; }
  [[noreturn]] static void refuse_unrun();
  void mark(uint64_t number, bool written);
  struct Reader {
    uint64_t number;  // of all that this buffer had
    std::weak_ptr<BufferReader> reader;
  };
  std::vector<Reader> known_readers();
  void forget_told(uint64_t up_to);
  void tell_readers();

  std::shared_ptr<Device> device_;
  Ledger::Account& account_;
  RawBuffer raw_;
  uint64_t size_;
  uint64_t origin_;
  uint64_t id_;
  std::shared_ptr<void> keepalive_;
  std::array<std::atomic<uint64_t>, 2> last_read_{};  // by lane: reads of two do not wait for each other
  std::atomic<uint64_t> last_write_{0};  // a write waits for all before it, on either
  std::atomic<bool> host_wrote_;  // at some time; imports came with values
  std::atomic<bool> awaits_run_{false};
  std::atomic<bool> has_readers_{false};
  std::mutex readers_mutex_;
  std::vector<Reader> readers_;
  uint64_t last_reader_ = 0;  // its number; readers_mutex_
};

uint64_t next_resource_id();

}  // namespace forge::vk
