#include "forge/vk/buffer.hpp"

#include <algorithm>
#include <utility>

#include "forge/vk/same_memory.hpp"
#include "forge/vk/vma.hpp"

namespace forge::vk {

BufferRef::BufferRef(std::shared_ptr<Buffer> whole) : buffer(std::move(whole)), offset(0), size(buffer->size()) {}

uint64_t BufferRef::address() const { return buffer->address() + offset; }

BufferRef BufferRef::part(uint64_t from, uint64_t bytes) const {
  if (from > size || bytes > size - from)
    throw Error(ErrorCode::OUT_OF_RANGE, "a range lies outside its buffer",
                "at most " + std::to_string(size) + " bytes", std::to_string(from) + " + " + std::to_string(bytes));
  return {buffer, offset + from, bytes};
}

uint64_t next_resource_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

// Imports that live, so that one knows of what happens to its memory by way of another.
class Buffer::Imports {
 public:
  static Imports& all() {
    static auto* imports = new Imports;  // leaked on purpose: buffers may outlive our statics
    return *imports;
  }

  /// What others did to the memory that this one now names too.
  void enter(Buffer& added) {
    const std::lock_guard lock(mutex_);
    visit_others(added, [&](const Buffer& other) {
      for (const Lane lane : {Lane::main, Lane::transfer})
        if (const uint64_t number = other.last_read(lane)) added.mark(number, false);
      if (const uint64_t number = other.last_write()) added.mark(number, true);
      if (other.has_readers_.load(std::memory_order_acquire)) added.has_readers_.store(true, std::memory_order_release);
    });
    std::erase_if(gone_, [](const Gone& one) { return one.is_done(); });
    for (const Gone& one : gone_)
      if (one.device.lock() == added.device_ && one.begin < added.mapped() + added.size() && added.mapped() < one.end)
        for (size_t i = 0; i < one.uses.size(); ++i)
          if (one.uses[i]) added.mark(one.uses[i], i == kWrite);
    live_.push_back(&added);
  }
  void leave(const Buffer& left) {
    const std::lock_guard lock(mutex_);
    std::erase(live_, &left);
    const Gone gone{left.device_,
                    left.mapped(),
                    left.mapped() + left.size(),
                    {left.last_read(Lane::main), left.last_read(Lane::transfer), left.last_write()}};
    if (!gone.is_done()) gone_.push_back(gone);
  }
  template <class Visit>
  void others(const Buffer& one, const Visit& visit) {
    const std::lock_guard lock(mutex_);
    visit_others(one, visit);
  }

 private:
  static constexpr size_t kWrite = 2;

  struct Gone {  // while the device still works there
    std::weak_ptr<Device> device;
    const std::byte *begin, *end;
    std::array<uint64_t, kWrite + 1> uses;  // reads by lane, then writes

    bool is_done() const {
      const auto known = device.lock();
      return !known || std::all_of(uses.begin(), uses.end(), [&](uint64_t use) { return known->known_done(use); });
    }
  };

  template <class Visit>
  void visit_others(const Buffer& one, const Visit& visit) {
    for (Buffer* other : live_)
      if (other != &one && other->device_ == one.device_ && share_memory(*other, one)) visit(*other);
  }

  std::mutex mutex_;
  std::vector<Buffer*> live_;
  std::vector<Gone> gone_;
};

Buffer::Buffer(std::shared_ptr<Device> device, const RawBuffer& raw, uint64_t size, uint64_t origin,
               std::shared_ptr<void> keepalive, const std::string& label)
    : device_(std::move(device)),
      account_(device_->ledger().account(label, raw.imported == VK_NULL_HANDLE)),
      raw_(raw),
      size_(size),
      origin_(origin),
      id_(next_resource_id()),
      keepalive_(std::move(keepalive)),
      host_wrote_(raw.imported != VK_NULL_HANDLE) {
  (imported() ? device_->imports_ : device_->buffers_)++;
  device_->buffer_bytes_ += size_;
  device_->ledger().add(account_, size_);
}

std::shared_ptr<Buffer> Buffer::create(std::shared_ptr<Device> device, uint64_t size, Memory intent,
                                       const std::string& label) {
  const RawBuffer raw = device->take_buffer(size, intent, label);
  return std::shared_ptr<Buffer>(
      new Buffer(std::move(device), raw, size, 0, nullptr, label.empty() ? "buffer" : label));
}

std::shared_ptr<Buffer> Buffer::import_host(std::shared_ptr<Device> device, void* data, uint64_t size,
                                            std::shared_ptr<void> keepalive, const std::string& label) {
  const uint64_t alignment = device->limits().host_import_alignment;
  if (alignment == 0)
    throw Error(ErrorCode::MISSING_FEATURE, "host memory cannot be imported", "VK_EXT_external_memory_host",
                "a device without it (" + device->info().name + ")", "use vf.asarray, which copies");
  const auto address = reinterpret_cast<uintptr_t>(data);
  const uintptr_t first = address / alignment * alignment;
  const uintptr_t last = (address + std::max<uint64_t>(size, 1) + alignment - 1) / alignment * alignment;
  const RawBuffer raw = device->import_host(reinterpret_cast<void*>(first), last - first);
  std::shared_ptr<Buffer> made(new Buffer(std::move(device), raw, size, address - first, std::move(keepalive),
                                          label.empty() ? "imported from the host" : label));
  Imports::all().enter(*made);
  return made;
}

Buffer::~Buffer() {
  if (imported()) Imports::all().leave(*this);
  (imported() ? device_->imports_ : device_->buffers_)--;
  device_->buffer_bytes_ -= size_;
  device_->ledger().remove(account_, size_);
  device_->retire_buffer(raw_, size_, last_use(), std::move(keepalive_));
}

void Buffer::used(uint64_t number, bool written) {
  mark(number, written);
  if (imported()) Imports::all().others(*this, [&](Buffer& other) { other.mark(number, written); });
}

void Buffer::mark(uint64_t number, bool written) {
  auto& slot = written ? last_write_ : last_read_[static_cast<size_t>(device_->lane_of(number))];
  uint64_t known = slot.load(std::memory_order_relaxed);
  while (known < number && !slot.compare_exchange_weak(known, number, std::memory_order_acq_rel)) {
  }
}

void Buffer::refuse_unrun() {
  throw Error(ErrorCode::WRONG_STATE, "values are asked for that a graph computes which has not run",
              "an array whose graph has run", "one that was recorded alone",
              "call graph.run() first; record what failed in its block anew");
}

void Buffer::add_reader(std::weak_ptr<BufferReader> reader) {
  const auto look_out = [](Buffer& buffer) { buffer.has_readers_.store(true, std::memory_order_release); };
  {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.size() == readers_.capacity())  // amortised: those that went make room
      std::erase_if(readers_, [](const Reader& known) { return known.reader.expired(); });
    readers_.push_back({++last_reader_, std::move(reader)});
    look_out(*this);
  }
  if (imported()) Imports::all().others(*this, look_out);
}

std::vector<Buffer::Reader> Buffer::known_readers() {
  const std::lock_guard lock(readers_mutex_);
  return readers_;
}

// Imports go on looking: others may have readers of the same memory.
void Buffer::forget_told(uint64_t up_to) {
  const std::lock_guard lock(readers_mutex_);
  std::erase_if(readers_, [up_to](const Reader& known) { return known.number <= up_to; });
  if (readers_.empty() && !imported()) has_readers_.store(false, std::memory_order_release);
}

void Buffer::forget_readers() {
  const std::lock_guard lock(readers_mutex_);
  readers_.clear();
  has_readers_.store(false, std::memory_order_release);
}

// Each is known until it was told: another thread that is about to write as well must not go on before.
void Buffer::tell_readers() {
  std::vector<std::pair<uint64_t, std::vector<Reader>>> all;  // by their buffer's id
  all.emplace_back(id_, known_readers());
  if (imported())
    Imports::all().others(*this, [&](Buffer& other) { all.emplace_back(other.id_, other.known_readers()); });
  for (const auto& [buffer, readers] : all) {
    std::shared_ptr<void> copies;
    for (const Reader& known : readers)
      if (const auto reader = known.reader.lock()) reader->before_write(*this, copies);
  }
  const auto forget = [&](Buffer& one) {
    for (const auto& [buffer, readers] : all)
      if (buffer == one.id_ && !readers.empty()) one.forget_told(readers.back().number);
  };
  forget(*this);
  if (imported()) Imports::all().others(*this, forget);
}

void Buffer::flush(uint64_t offset, uint64_t bytes) const {
  if (raw_.coherent || !raw_.allocation) return;
  checked("vmaFlushAllocation",
          [&] { return vmaFlushAllocation(device_->allocator(), raw_.allocation, offset, bytes); });
}

void Buffer::invalidate(uint64_t offset, uint64_t bytes) const {
  if (raw_.coherent || !raw_.allocation) return;
  checked("vmaInvalidateAllocation",
          [&] { return vmaInvalidateAllocation(device_->allocator(), raw_.allocation, offset, bytes); });
}

}  // namespace forge::vk
