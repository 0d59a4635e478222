#pragma once

#include <cstddef>
#include <cstdint>

// PNG's row filters (PNG specification, ISO/IEC 15948, section 9): each byte becomes its difference to a guess from the
// bytes left of it, above it, and above left.
namespace forge::graphics::png {

enum class Filter : uint8_t { none, sub, up, average, paeth };

struct RowShape {
  size_t bytes;  // of a row
  size_t unit;  // bytes of a pixel
};

/// `above` is the row before, or zeros. `to` overlaps neither.
void filter_row(Filter filter, const uint8_t* row, const uint8_t* above, RowShape shape, uint8_t* to);

/// The filter whose differences look smallest (sum of sizes, section 12.7): of all five over all bytes where `thorough`, else
/// of the three that win most often, over some of them.
Filter smallest_filter(const uint8_t* row, const uint8_t* above, RowShape shape, bool thorough);

/// Differences back to bytes; false for a number that is no filter. `to` may be `from`.
bool unfilter_row(uint8_t filter, const uint8_t* from, const uint8_t* above, RowShape shape, uint8_t* to);

/// Two rows of Paeth's filter (4) below each other at once: each alone waits for itself most of the time.
void unfilter_paeth_pair(const uint8_t* first, const uint8_t* second, const uint8_t* above, RowShape shape,
                         uint8_t* to_first, uint8_t* to_second);

}  // namespace forge::graphics::png
