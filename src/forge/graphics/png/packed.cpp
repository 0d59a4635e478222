#include "forge/graphics/png/packed.hpp"

#include <zlib.h>

#include <limits>
#include <memory>
#include <new>
#include <string>
#ifdef FORGE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace forge::graphics::png {

uint32_t adler32_joined(uint32_t first, uint32_t second, uint64_t second_bytes) {
  constexpr uint64_t kBase = 65521;  // RFC 1950, section 8.2
  const uint64_t length = second_bytes % kBase, low = first & 0xFFFF, high = first >> 16;
  const uint64_t sum = (low + (second & 0xFFFF) + kBase - 1) % kBase;
  const uint64_t weighted = (high + (second >> 16) + length * (low + kBase - 1)) % kBase;
  return static_cast<uint32_t>(weighted << 16 | sum);
}

// Of no bytes, whose address may be null, both libraries give the checksum of nothing, whatever came before.
#ifdef FORGE_LIBDEFLATE

namespace {

using Decompressor = std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>;

Decompressor decompressor() {
  Decompressor own(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!own) throw std::bad_alloc();
  return own;
}

}  // namespace

bool unpack(std::span<const uint8_t> from, std::span<uint8_t> to) {
  return libdeflate_zlib_decompress(decompressor().get(), from.data(), from.size(), to.data(), to.size(), nullptr) ==
         LIBDEFLATE_SUCCESS;
}

bool unpack_block(std::span<const uint8_t> from, std::span<uint8_t> to) {
  size_t read = 0;
  return libdeflate_deflate_decompress_ex(decompressor().get(), from.data(), from.size(), to.data(), to.size(), &read,
                                          nullptr) == LIBDEFLATE_SUCCESS &&
         read == from.size();
}

uint32_t adler32_of(uint32_t before, std::span<const uint8_t> bytes) {
  return bytes.empty() ? before : libdeflate_adler32(before, bytes.data(), bytes.size());
}

uint32_t crc32_of(uint32_t before, std::span<const uint8_t> bytes) {
  return bytes.empty() ? before : libdeflate_crc32(before, bytes.data(), bytes.size());
}

const char* packer() { return "libdeflate " LIBDEFLATE_VERSION_STRING; }

#else

bool unpack(std::span<const uint8_t> from, std::span<uint8_t> to) {
  uLongf size = to.size();
  return uncompress(to.data(), &size, from.data(), from.size()) == Z_OK && size == to.size();
}

bool unpack_block(std::span<const uint8_t> from, std::span<uint8_t> to) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> ends(&stream, inflateEnd);
  stream.next_in = const_cast<Bytef*>(from.data());
  stream.next_out = to.data();
  const uInt most = std::numeric_limits<uInt>::max();
  if (from.size() > most || to.size() > most) return false;
  stream.avail_in = static_cast<uInt>(from.size());
  stream.avail_out = static_cast<uInt>(to.size());
  return inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
}

uint32_t adler32_of(uint32_t before, std::span<const uint8_t> bytes) {
  return bytes.empty() ? before : static_cast<uint32_t>(adler32_z(before, bytes.data(), bytes.size()));
}

uint32_t crc32_of(uint32_t before, std::span<const uint8_t> bytes) {
  return bytes.empty() ? before : static_cast<uint32_t>(crc32_z(before, bytes.data(), bytes.size()));
}

const char* packer() {
  static const std::string text = std::string("zlib ") + zlibVersion();
  return text.c_str();
}

#endif

}  // namespace forge::graphics::png
