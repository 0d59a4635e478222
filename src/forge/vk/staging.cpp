#include "forge/vk/staging.hpp"

#include <algorithm>
#include <atomic>

#include "forge/core/host_lock.hpp"
#include "forge/core/parallel.hpp"
#include "forge/vk/buffer.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/large_pages.hpp"
#include "forge/vk/vma.hpp"

namespace forge::vk {

namespace {
std::atomic<uint64_t> uploaded_bytes{0}, downloaded_bytes{0};
constexpr uint64_t kWorthPages = 1 << 20;  // bytes: what is there already costs a look at each page
}  // namespace

// Raw memory instead of a Buffer: a Buffer would keep its device, which owns this ring, alive for ever.
struct StagingRing::Piece {
  Device& device;
  RawBuffer raw;
  Ledger::Account& account;
  uint64_t number = 0;  // the last submission that used it

  Piece(Device& d, Memory intent)
      : device(d), raw(d.take_buffer(kPiece, intent, "staging")), account(d.ledger().account("staging")) {
    d.ledger().add(account, kPiece);
  }
  ~Piece() {
    device.ledger().remove(account, kPiece);
    device.retire_buffer(raw, kPiece, number, nullptr);
  }
  void flush(uint64_t bytes) const {
    if (!raw.coherent)
      checked("vmaFlushAllocation", [&] { return vmaFlushAllocation(device.allocator(), raw.allocation, 0, bytes); });
  }
  void invalidate(uint64_t bytes) const {
    if (!raw.coherent)
      checked("vmaInvalidateAllocation",
              [&] { return vmaInvalidateAllocation(device.allocator(), raw.allocation, 0, bytes); });
  }
};

StagingRing::StagingRing(Device& device) : device_(device) {}
StagingRing::~StagingRing() = default;

StagingRing::Piece& StagingRing::piece(Ring& ring, size_t index, bool upload) {
  auto& held = ring.pieces[index % kPieces];
  if (!held) held = std::make_unique<Piece>(device_, upload ? Memory::upload : Memory::readback);
  return *held;
}

void StagingRing::upload(const BufferRef& to, const void* from) {
  const HostLockRelease released;  // the lock's holder may need it
  const std::lock_guard lock(up_.mutex);
  const auto* bytes = static_cast<const std::byte*>(from);
  size_t index = 0;
  for (uint64_t at = 0; at < to.size; at += kPiece, ++index) {
    const uint64_t count = std::min(kPiece, to.size - at);
    Piece& staged = piece(up_, index, true);
    device_.wait(staged.number);
    copy_bytes(staged.raw.mapped, bytes + at, count);
    staged.flush(count);
    Commands commands(device_.shared_from_this(), Commands::Sending::early, Lane::transfer);
    commands.because(Why::upload);
    commands.copy_raw(staged.raw.buffer, 0, to.part(at, count));
    staged.number = commands.submit();
  }
}

void StagingRing::download(void* to, const BufferRef& from) {
  const HostLockRelease released;
  const std::lock_guard lock(down_.mutex);
  auto* bytes = static_cast<std::byte*>(to);
  const size_t count = static_cast<size_t>((from.size + kPiece - 1) / kPiece);
  const auto span = [&](size_t i) { return std::min(kPiece, from.size - i * kPiece); };
  const auto start = [&](size_t i) {
    Piece& staged = piece(down_, i, false);
    Commands commands(device_.shared_from_this(), Commands::Sending::early, Lane::transfer);
    commands.because(Why::download);
    commands.copy_raw(from.part(i * kPiece, span(i)), staged.raw.buffer, 0);
    staged.number = commands.submit();
  };
  for (size_t i = 0; i < std::min(count, kPieces); ++i) start(i);
  for (size_t i = 0; i < count; ++i) {
    Piece& staged = piece(down_, i, false);
    device_.wait(staged.number);
    staged.invalidate(span(i));
    copy_bytes(bytes + i * kPiece, staged.raw.mapped, span(i));
    if (i + kPieces < count) start(i + kPieces);
  }
}

TransferCounters transfer_counters() { return {uploaded_bytes, downloaded_bytes}; }

void upload(const BufferRef& to, const void* from) {
  if (to.size == 0) return;
  uploaded_bytes += to.size;
  if (!to.buffer->mapped()) return to.buffer->device().staging().upload(to, from);
  to.buffer->wait_writable();
  std::byte* const target = to.buffer->mapped() + to.offset;
  if (to.size >= kWorthPages && to.buffer->device().info().type == AdapterType::cpu) take_pages(target, to.size);
  copy_bytes(target, from, to.size);
  to.buffer->flush(to.offset, to.size);
}

void download(void* to, const BufferRef& from) {
  if (from.size == 0) return;
  downloaded_bytes += from.size;
  if (!from.buffer->mapped()) return from.buffer->device().staging().download(to, from);
  from.buffer->wait_readable();
  from.buffer->invalidate(from.offset, from.size);
  copy_bytes(to, from.buffer->mapped() + from.offset, from.size);
}

}  // namespace forge::vk
