#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forge/graphics/png/unfilter.hpp"

namespace forge::graphics::png {

/// Reads the stream of a picture whose chunks are strips that share nothing, as pack_strips makes them, on all cores: rows of
/// one strip become pixels while others are unpacked. `parts`: the chunks' data, each with its checksum of four bytes and the
/// next chunk behind it, which are written over. `differences`: room for all rows of so many bytes. False for other streams,
/// and for what is damaged; then what stands in `differences` and in the pixels is of no use.
bool read_strips(const std::vector<std::span<uint8_t>>& parts, size_t row_bytes, size_t rows, uint8_t* differences,
                 Unfilter& unfilter);

}  // namespace forge::graphics::png
