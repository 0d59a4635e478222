#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "forge/vk/refs.hpp"

namespace forge::vk {

class Device;

/// Pieces of upload and readback memory used in turn, so that the host's copy of one overlaps the device's copy of
/// another. Only devices whose own memory the host cannot see use it.
class StagingRing {
 public:
  static constexpr uint64_t kPiece = 4ULL << 20;  // bytes; large enough to hide a submission, small enough to overlap
  static constexpr size_t kPieces = 4;

  explicit StagingRing(Device& device);
  ~StagingRing();
  void upload(const BufferRef& to, const void* from);  // returns when `from` may be reused
  void download(void* to, const BufferRef& from);  // returns when `to` is complete

 private:
  struct Piece;
  struct Ring {
    std::array<std::unique_ptr<Piece>, kPieces> pieces;
    std::mutex mutex;
  };
  Piece& piece(Ring& ring, size_t index, bool upload);

  Device& device_;
  Ring up_, down_;
};

// -- moving bytes between the host and a buffer: the one place that decides how --

/// Bytes that the process has copied through the CPU; demos and tests read them ("no hidden copies").
struct TransferCounters {
  uint64_t uploaded = 0;
  uint64_t downloaded = 0;
};
TransferCounters transfer_counters();

void upload(const BufferRef& to, const void* from);
void download(void* to, const BufferRef& from);

}  // namespace forge::vk
