#pragma once

#include <cstdint>
#include <span>

// Prefix codes as DEFLATE has them (RFC 1951, section 3.2.2).
namespace forge::graphics::png {

/// Lengths of an optimal prefix code for symbols that occur so often, 0 for those that do not, none longer than `most`.
/// The code is complete; a single symbol gets one bit.
void code_lengths(std::span<const uint32_t> counts, unsigned most, std::span<uint8_t> lengths);

/// The codes of these lengths, first bit lowest.
void codes_of(std::span<const uint8_t> lengths, std::span<uint16_t> codes);

}  // namespace forge::graphics::png
