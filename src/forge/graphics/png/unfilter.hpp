#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// From the bytes of a picture's stream, each row behind the number of its filter, to RGBA.
namespace forge::graphics::png {

class Unfilter {
 public:
  /// `channels`: 1, 3 or 4 of 8 bits. `to`: 4 x width x height bytes.
  Unfilter(uint32_t width, unsigned channels, uint8_t* to);

  /// The next rows; false for a filter that there is not.
  bool rows(const uint8_t* from, size_t count);

 private:
  bool rows_of_rgba(const uint8_t* from, size_t count);

  size_t width_, channels_, row_bytes_;
  uint8_t* to_;
  const uint8_t* above_;
  std::vector<uint8_t> zeros_, rows_;  // other than RGBA: two rows, one of them the last
  size_t turn_ = 0;
};

}  // namespace forge::graphics::png
