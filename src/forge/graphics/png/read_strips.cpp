#include "forge/graphics/png/read_strips.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>

#include "forge/core/parallel.hpp"
#include "forge/graphics/png/packed.hpp"
#include "forge/graphics/png/strips.hpp"
#include "forge/graphics/png/word.hpp"

namespace forge::graphics::png {

namespace {

constexpr std::array<uint8_t, 4> kFlushed{0, 0, 0xFF, 0xFF};  // the end of a block with no bytes, which ends a strip
constexpr size_t kZlibHead = 2, kZlibEnd = 4;              // RFC 1950: flags, and a checksum of all bytes
constexpr std::array<uint8_t, 5> kEnd{1, 0, 0, 0xFF, 0xFF};  // RFC 1951, section 3.2.4: a last block with no bytes

bool opens(std::span<const uint8_t> stream) {
  return stream.size() >= kZlibHead + kZlibEnd && (stream[0] & 0x0F) == 8 && stream[0] >> 4 <= 7 &&
         (stream[1] & 0x20) == 0 && (stream[0] * 256 + stream[1]) % 31 == 0;
}

class StripReader {
 public:
  StripReader(const std::vector<std::span<uint8_t>>& parts, size_t row_bytes, size_t rows, uint8_t* differences,
              Unfilter& unfilter)
      : parts_(parts),
        line_(row_bytes + 1),
        rows_(rows),
        each_(rows_of_strip(row_bytes)),
        differences_(differences),
        unfilter_(unfilter),
        sums_(parts.size()),
        unpacked_(parts.size()) {}

  bool run() {
    if (parts_.size() < 2 || parts_.size() != (rows_ + each_ - 1) / each_ || !opens(parts_.front()) ||
        parts_.back().size() < kZlibEnd)
      return false;
    in_parallel(parts_.size(), [&](size_t i) {
      if (!failed_ && !take(i)) failed_ = true;
    });
    unfilter_what_is_there();  // what two threads have left to each other
    return !failed_ && next_ == parts_.size() &&
           joined_sum() == word(parts_.back().data() + parts_.back().size() - kZlibEnd);
  }

 private:
  size_t rows_of(size_t strip) const { return std::min(each_, rows_ - strip * each_); }
  std::span<uint8_t> room_of(size_t strip) const {
    return {differences_ + strip * each_ * line_, rows_of(strip) * line_};
  }

  bool take(size_t strip) {
    std::span<uint8_t> packed = parts_[strip];
    if (strip == 0) packed = packed.subspan(kZlibHead);
    if (strip + 1 == parts_.size()) {
      packed = packed.first(packed.size() - kZlibEnd);
    } else {
      if (packed.size() < kFlushed.size() ||
          !std::equal(kFlushed.begin(), kFlushed.end(), packed.end() - kFlushed.size()))
        return false;
      std::memcpy(packed.data() + packed.size(), kEnd.data(), kEnd.size());
      packed = {packed.data(), packed.size() + kEnd.size()};
    }
    const std::span<uint8_t> room = room_of(strip);
    if (!unpack_block(packed, room)) return false;
    sums_[strip] = adler32_of(1, room);
    unpacked_[strip].store(true);
    unfilter_what_is_there();
    return true;
  }

  bool is_next_there() const {
    const size_t next = next_.load();
    return !failed_ && next < parts_.size() && unpacked_[next].load();
  }

  // Whoever finds the lock taken goes on unpacking: its owner looks once more after letting go.
  void unfilter_what_is_there() {
    while (is_next_there()) {
      const std::unique_lock lock(mutex_, std::try_to_lock);
      if (!lock) return;
      while (is_next_there()) {  // a strip that failed half way must not be begun again: the pixels are behind it
        if (unfilter_.rows(room_of(next_).data(), rows_of(next_)))
          ++next_;
        else
          failed_ = true;
      }
    }
  }

  uint32_t joined_sum() const {
    uint32_t sum = 1;
    for (size_t i = 0; i < parts_.size(); ++i) sum = adler32_joined(sum, sums_[i], room_of(i).size());
    return sum;
  }

  const std::vector<std::span<uint8_t>>& parts_;
  size_t line_, rows_, each_;
  uint8_t* differences_;
  Unfilter& unfilter_;
  std::vector<uint32_t> sums_;
  std::vector<std::atomic<bool>> unpacked_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
};

}  // namespace

bool read_strips(const std::vector<std::span<uint8_t>>& parts, size_t row_bytes, size_t rows, uint8_t* differences,
                 Unfilter& unfilter) {
  return StripReader(parts, row_bytes, rows, differences, unfilter).run();
}

}  // namespace forge::graphics::png
