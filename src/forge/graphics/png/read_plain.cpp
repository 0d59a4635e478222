#include "forge/graphics/png/read_plain.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <span>
#include <vector>

#include "forge/graphics/file.hpp"
#include "forge/graphics/png/packed.hpp"
#include "forge/graphics/png/read_strips.hpp"
#include "forge/graphics/png/unfilter.hpp"
#include "forge/graphics/png/word.hpp"

// Chunks: PNG specification (ISO/IEC 15948), section 5.3 and 11.
namespace forge::graphics::png {

namespace {

using Bytes = std::span<uint8_t>;

constexpr uint64_t kMostBytes = uint64_t{1} << 31;  // of a file that is read at once
constexpr uint64_t kMostPacked = 1032;              // DEFLATE packs no tighter

/// Uninitialised memory for bytes that are about to be written.
struct Room {
  explicit Room(size_t bytes) : own(bytes) {}
  std::span<uint8_t> span() { return {own.data.get(), own.size}; }
  Owned<uint8_t> own;
};

std::optional<Room> whole_file(const std::filesystem::path& path) {
  const FileHandle file(std::fopen(path.c_str(), "rbe"));
  struct stat status{};
  if (!file || ::fstat(fileno(file.get()), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size < 57 || size > kMostBytes) return {};
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  Room bytes(size);
  if (std::fread(bytes.own.data.get(), 1, size, file.get()) != size) return {};
  return bytes;
}

struct Chunk {
  const uint8_t* name = nullptr;
  Bytes data;
  bool is(const char* other) const { return std::memcmp(name, other, 4) == 0; }
  /// Whoever does not know it may pass it over.
  bool ancillary() const { return name[0] & 0x20; }
};

/// Takes the next chunk off; false where it is cut short or its checksum is wrong.
bool take(Bytes& left, Chunk& chunk) {
  if (left.size() < 12) return false;
  const uint32_t length = word(left.data());
  if (length > left.size() - 12) return false;
  chunk.name = left.data() + 4;
  chunk.data = left.subspan(8, length);
  if (crc32_of(0, left.subspan(4, size_t{length} + 4)) != word(left.data() + 8 + length)) return false;
  left = left.subspan(size_t{length} + 12);
  return true;
}

struct Plain {
  uint32_t width = 0, height = 0;
  unsigned channels = 0;
  std::vector<Bytes> data;  // the parts of the zlib stream
};

bool read_header(const Chunk& chunk, Plain& plain) {
  if (!chunk.is("IHDR") || chunk.data.size() != 13) return false;
  const uint8_t* at = chunk.data.data();
  constexpr unsigned kChannels[] = {1, 0, 3, 0, 0, 0, 4};
  plain.width = word(at);
  plain.height = word(at + 4);
  plain.channels = at[9] < 7 ? kChannels[at[9]] : 0;
  const bool plain_format = at[8] == 8 && at[10] == 0 && at[11] == 0 && at[12] == 0;
  return plain_format && plain.channels != 0 && plain.width - 1 < 0x7fffffff && plain.height - 1 < 0x7fffffff;
}

bool read_chunks(Bytes left, Plain& plain) {
  if (std::memcmp(left.data(), "\x89PNG\r\n\x1a\n", 8) != 0) return false;
  left = left.subspan(8);
  Chunk chunk;
  if (!take(left, chunk) || !read_header(chunk, plain)) return false;
  bool data_ended = false;
  while (take(left, chunk)) {
    if (chunk.is("IEND")) return !plain.data.empty();
    if (chunk.is("IDAT")) {
      if (data_ended) return false;
      plain.data.push_back(chunk.data);
      continue;
    }
    data_ended = !plain.data.empty();
    if (chunk.is("tRNS") || !chunk.ancillary()) return false;
  }
  return false;
}

/// The parts as one; where there are several they are moved together, inside of the file's own bytes.
Bytes joined(const std::vector<Bytes>& parts) {
  uint8_t* end = parts[0].data() + parts[0].size();
  for (size_t i = 1; i < parts.size(); ++i) {
    std::memmove(end, parts[i].data(), parts[i].size());
    end += parts[i].size();
  }
  return {parts[0].data(), static_cast<size_t>(end - parts[0].data())};
}

bool read_pixels(const Plain& plain, std::span<uint8_t> differences, uint8_t* to) {
  Unfilter by_strips(plain.width, plain.channels, to);
  const size_t row_bytes = size_t{plain.width} * plain.channels;
  if (read_strips(plain.data, row_bytes, plain.height, differences.data(), by_strips)) return true;
  Unfilter whole(plain.width, plain.channels, to);
  return unpack(joined(plain.data), differences) && whole.rows(differences.data(), plain.height);
}

}  // namespace

std::optional<Pixels> read_plain(const std::filesystem::path& path, const PngLimits& limits) {
  std::optional<Room> file = whole_file(path);
  Plain plain;
  if (!file || !read_chunks(file->span(), plain)) return {};
  const uint64_t size = uint64_t{4} * plain.width * plain.height;
  const uint64_t unpacked = (uint64_t{plain.width} * plain.channels + 1) * plain.height;
  if (size > limits.max_bytes || unpacked / kMostPacked > file->own.size) return {};
  Room differences(unpacked);
  Pixels pixels{Owned<uint8_t>(size), plain.width, plain.height};
  if (!read_pixels(plain, differences.span(), pixels.data.data.get())) return {};
  return pixels;
}

}  // namespace forge::graphics::png
