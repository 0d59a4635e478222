#include "forge/graphics/png/unfilter.hpp"

#include "forge/graphics/png/filter.hpp"

namespace forge::graphics::png {

namespace {

void expand(const uint8_t* from, size_t pixels, size_t channels, uint8_t* to) {
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* p = from + i * channels;
    const uint8_t green = channels == 1 ? p[0] : p[1], blue = channels == 1 ? p[0] : p[2];
    to[4 * i] = p[0], to[4 * i + 1] = green, to[4 * i + 2] = blue, to[4 * i + 3] = 255;
  }
}

}  // namespace

Unfilter::Unfilter(uint32_t width, unsigned channels, uint8_t* to)
    : width_(width), channels_(channels), row_bytes_(size_t{width} * channels), to_(to), zeros_(row_bytes_, 0) {
  above_ = zeros_.data();
  if (channels != 4) rows_.resize(2 * row_bytes_);
}

bool Unfilter::rows(const uint8_t* from, size_t count) {
  if (channels_ == 4) return rows_of_rgba(from, count);
  for (size_t y = 0; y < count; ++y, from += row_bytes_ + 1, to_ += 4 * width_) {
    uint8_t* const row = rows_.data() + (turn_ ^= 1) * row_bytes_;
    if (!unfilter_row(*from, from + 1, above_, {row_bytes_, channels_}, row)) return false;
    expand(row, width_, channels_, to_);
    above_ = row;
  }
  return true;
}

/// Straight into the result.
bool Unfilter::rows_of_rgba(const uint8_t* from, size_t count) {
  const RowShape shape{row_bytes_, 4};
  for (size_t y = 0; y < count;) {
    const uint8_t* const next = from + row_bytes_ + 1;
    const bool pair = *from == 4 && y + 1 < count && *next == 4;
    if (pair)
      unfilter_paeth_pair(from + 1, next + 1, above_, shape, to_, to_ + row_bytes_);
    else if (!unfilter_row(*from, from + 1, above_, shape, to_))
      return false;
    const size_t done = pair ? 2 : 1;
    above_ = to_ + (done - 1) * row_bytes_;
    to_ += done * row_bytes_;
    from += done * (row_bytes_ + 1);
    y += done;
  }
  return true;
}

}  // namespace forge::graphics::png
