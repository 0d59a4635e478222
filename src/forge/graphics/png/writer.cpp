#include "forge/graphics/png/writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "forge/core/error.hpp"
#include "forge/graphics/png/packed.hpp"

// Chunks: PNG specification (ISO/IEC 15948), section 11.
namespace forge::graphics::png {

namespace {

constexpr size_t kLongestSide = 0x7fffffff;  // PNG's own limit
constexpr double kInchesOfMetre = 1 / 0.0254;

std::array<uint8_t, 4> big_endian(uint64_t value) {
  return {static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 8),
          static_cast<uint8_t>(value)};
}

void append(std::vector<uint8_t>& to, const void* bytes, size_t size) {
  const auto* from = static_cast<const uint8_t*>(bytes);
  to.insert(to.end(), from, from + size);
}

void append_word(std::vector<uint8_t>& to, uint64_t value) { append(to, big_endian(value).data(), 4); }

uint8_t color_type(unsigned channels) {
  constexpr std::array<uint8_t, 5> kTypes{0, 0, 4, 2, 6};
  return kTypes[channels];
}

void check_key(const std::string& key) {
  const bool fits = !key.empty() && key.size() <= 79 && key.front() != ' ' && key.back() != ' ' &&
                    std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!fits)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a text's key does not fit a PNG",
                "1 to 79 ASCII characters without spaces around", "'" + key + "'");
}

/// iTXt (UTF-8) where there is more than ASCII, else tEXt.
std::pair<const char*, std::vector<uint8_t>> text_chunk(const PngText& text) {
  const bool ascii =
      std::all_of(text.value.begin(), text.value.end(), [](char c) { return static_cast<int8_t>(c) > 0; });
  std::vector<uint8_t> bytes(text.key.begin(), text.key.end());
  bytes.insert(bytes.end(), ascii ? 1 : 5, 0);  // iTXt: not packed, no language, no translated key
  append(bytes, text.value.data(), text.value.size());
  return {ascii ? "tEXt" : "iTXt", bytes};
}

}  // namespace

void check(const PngFormat& format, const PngOptions& options) {
  const std::string size = std::to_string(format.width) + " x " + std::to_string(format.height);
  if (format.width < 1 || format.height < 1)
    throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", {}, size);
  if (format.width > kLongestSide || format.height > kLongestSide)
    throw Error(ErrorCode::INVALID_ARGUMENT, "picture is too large for a PNG", "sides below 2**31", size);
  if (format.channels < 1 || format.channels > 4 || (format.bits != 8 && format.bits != 16))
    throw Error(ErrorCode::BAD_SHAPE, "no format of a PNG", "1 to 4 channels of 8 or 16 bits",
                std::to_string(format.channels) + " of " + std::to_string(format.bits));
  if (options.level < 1 || options.level > 3)
    throw Error(ErrorCode::INVALID_ARGUMENT, "level must be 1, 2 or 3", {}, std::to_string(options.level));
  if (!(options.dpi >= 0 && options.dpi * kInchesOfMetre <= 0x7fffffff))
    throw Error(ErrorCode::INVALID_ARGUMENT, "dpi is out of range", "> 0", std::to_string(options.dpi));
  if (options.srgb < -1 || options.srgb > 3)
    throw Error(ErrorCode::INVALID_ARGUMENT, "sRGB intent is out of range", "0 to 3", std::to_string(options.srgb));
  for (const PngText& text : options.text) {
    check_key(text.key);
    if (text.value.find('\0') != std::string::npos)
      throw Error(ErrorCode::INVALID_ARGUMENT, "a text must not contain a null character", {}, "'" + text.key + "'");
    if (text.value.size() > 0x7fffff00)
      throw Error(ErrorCode::LIMIT_EXCEEDED, "a text is too long for a PNG", "below 2**31 bytes", "'" + text.key + "'");
  }
}

Writer::Writer(Sink& sink, const PngFormat& format, const PngOptions& options) : sink_(sink), format_(format) {
  const size_t sample = format.bits / 8, unit = sample * format.channels;
  rules_ = {unit * format.width, unit, sample, options.level};
  head(options);
}

void Writer::put(const void* bytes, size_t size) {
  if (!refused_ && !sink_.put(bytes, size)) refused_ = true;
}

void Writer::chunk(const char* name, const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> whole;
  append_word(whole, bytes.size());
  append(whole, name, 4);
  append(whole, bytes.data(), bytes.size());
  append_word(whole, crc32_of(0, std::span(whole).subspan(4)));
  put(whole.data(), whole.size());
}

void Writer::head(const PngOptions& options) {
  put("\x89PNG\r\n\x1a\n", 8);
  std::vector<uint8_t> header;
  append_word(header, format_.width);
  append_word(header, format_.height);
  header.insert(header.end(), {static_cast<uint8_t>(format_.bits), color_type(format_.channels), 0, 0, 0});
  chunk("IHDR", header);
  if (options.srgb >= 0) chunk("sRGB", {static_cast<uint8_t>(options.srgb)});
  if (options.dpi > 0) {
    std::vector<uint8_t> density;
    const auto per_metre = static_cast<uint64_t>(std::llround(options.dpi * kInchesOfMetre));
    append_word(density, per_metre);
    append_word(density, per_metre);
    density.push_back(1);  // the unit: metres
    chunk("pHYs", density);
  }
  for (const PngText& text : options.text) {
    const auto [name, bytes] = text_chunk(text);
    chunk(name, bytes);
  }
}

/// A strip is an IDAT chunk; the first one opens the zlib stream (RFC 1950), the last one ends it.
void Writer::data(const PackedStrip& strip, bool last) {
  const bool first = !std::exchange(opened_, true);
  std::vector<uint8_t> before, after;
  append_word(before, strip.bytes.size() + (first ? 2 : 0) + (last ? 4 : 0));
  append(before, "IDAT", 4);
  if (first) append(before, "\x78\x01", 2);
  checksum_ = adler32_joined(checksum_, strip.checksum, strip.unpacked);
  if (last) append_word(after, checksum_);
  uint32_t sum = crc32_of(0, std::span(before).subspan(4));
  sum = crc32_of(crc32_of(sum, strip.bytes), after);
  append_word(after, sum);
  put(before.data(), before.size());
  put(strip.bytes.data(), strip.bytes.size());
  put(after.data(), after.size());
}

void Writer::rows(const uint8_t* data_of_rows, ptrdiff_t stride, size_t count) {
  while (count > 0 && !refused_) {
    const size_t now = std::min(count, rows_at_once(rules_));
    const bool ends = now == rows_left();
    const auto strips =
        pack_strips(rules_, {data_of_rows, stride, now, above_.empty() ? nullptr : above_.data()}, ends);
    for (const PackedStrip& strip : strips) data(strip, ends && &strip == &strips.back());
    written_ += now;
    data_of_rows += static_cast<ptrdiff_t>(now) * stride;
    count -= now;
    if (ends)
      chunk("IEND", {});
    else
      keep_above(data_of_rows - stride);
  }
}

void Writer::keep_above(const uint8_t* row) { above_.assign(row, row + rules_.row_bytes); }

}  // namespace forge::graphics::png
