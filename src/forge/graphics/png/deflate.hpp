#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// DEFLATE (RFC 1951) for filtered rows of pictures.
namespace forge::graphics::png {

/// Rows of differences, each behind the byte of its filter.
struct FilteredRows {
  const uint8_t* data;
  size_t rows;
  size_t row_bytes;  // without the filter's
  size_t unit;       // bytes of a pixel

  size_t bytes() const { return rows * (row_bytes + 1); }
};

enum class Search : uint8_t {
  runs,   // pixels as the one before: what filters leave of pictures is little else
  quick,  // and, where a sample says that it pays, as any not far back
  far,    // the best of runs and of what a longer search finds
};

/// Appends one block. It starts at a whole byte and, unless it is the `last`, ends at one, so that blocks made apart stand
/// behind each other.
void deflate(const FilteredRows& rows, Search search, bool last, std::vector<uint8_t>& into);

}  // namespace forge::graphics::png
