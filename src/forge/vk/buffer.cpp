#include "forge/vk/buffer.hpp"

#include <algorithm>

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

Buffer::Buffer(std::shared_ptr<Device> device, const RawBuffer& raw, uint64_t size, uint64_t origin,
               std::shared_ptr<void> keepalive, const std::string& label)
    : device_(std::move(device)),
      account_(device_->ledger().account(label, raw.imported == VK_NULL_HANDLE)),
      raw_(raw),
      size_(size),
      origin_(origin),
      id_(next_resource_id()),
      keepalive_(std::move(keepalive)) {
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
  return std::shared_ptr<Buffer>(new Buffer(std::move(device), raw, size, address - first, std::move(keepalive),
                                            label.empty() ? "imported from the host" : label));
}

Buffer::~Buffer() {
  (imported() ? device_->imports_ : device_->buffers_)--;
  device_->buffer_bytes_ -= size_;
  device_->ledger().remove(account_, size_);
  device_->retire_buffer(raw_, size_, last_use(), std::move(keepalive_));
}

void Buffer::used(uint64_t number, bool written) {
  auto& slot = written ? last_write_ : last_read_[static_cast<size_t>(device_->lane_of(number))];
  uint64_t known = slot.load(std::memory_order_relaxed);
  while (known < number && !slot.compare_exchange_weak(known, number, std::memory_order_acq_rel)) {
  }
}

void Buffer::add_reader(std::weak_ptr<BufferReader> reader) {
  const std::lock_guard lock(readers_mutex_);
  if (readers_.size() == readers_.capacity())  // amortised: those that went make room
    std::erase_if(readers_, [](const auto& known) { return known.expired(); });
  readers_.push_back(std::move(reader));
  has_readers_.store(true, std::memory_order_release);
}

void Buffer::tell_readers() {
  std::vector<std::weak_ptr<BufferReader>> readers;
  {
    const std::lock_guard lock(readers_mutex_);
    readers.swap(readers_);
    has_readers_.store(false, std::memory_order_release);
  }
  std::shared_ptr<void> copies;
  for (const auto& known : readers)
    if (const auto reader = known.lock()) reader->before_write(copies);
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
