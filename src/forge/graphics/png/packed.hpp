#pragma once

#include <cstdint>
#include <span>

// What libdeflate does where the build has found it, and zlib elsewhere.
namespace forge::graphics::png {

/// Unpacks a whole zlib stream (RFC 1950) that fills `to` exactly; false for anything else.
bool unpack(std::span<const uint8_t> from, std::span<uint8_t> to);

/// The same for DEFLATE blocks (RFC 1951), of which the last has to end with `from`.
bool unpack_block(std::span<const uint8_t> from, std::span<uint8_t> to);

/// The checksums of zlib streams and of chunks; `before` is that of what comes before, at first 1 and 0.
uint32_t adler32_of(uint32_t before, std::span<const uint8_t> bytes);
uint32_t crc32_of(uint32_t before, std::span<const uint8_t> bytes);

/// The checksum of two runs behind each other.
uint32_t adler32_joined(uint32_t first, uint32_t second, uint64_t second_bytes);

/// "libdeflate 1.14" or "zlib 1.2.13".
const char* packer();

}  // namespace forge::graphics::png
