#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "forge/graphics/owned.hpp"

// PNG files: bytes are payload. No gamma, colour profile or sRGB transform is applied in either direction.
namespace forge::graphics {

/// RGBA, 8 bits each, rows from the top without gaps.
struct Pixels {
  Owned<uint8_t> data;  // (height, width, 4)
  uint32_t width = 0;
  uint32_t height = 0;
};

/// Somebody's pixels, 8 bits a channel: 1 gray, 3 RGB, 4 RGBA.
struct PixelView {
  const uint8_t* data = nullptr;
  size_t width = 0;
  size_t height = 0;
  unsigned channels = 4;
  ptrdiff_t row_stride = 0;  // bytes from row to row; 0: rows lie close
};

struct PngOptions {
  int level = 1;  // 1 fast, 2 some 5-25 % smaller in 10 times the time, 3 some 20-25 % in 30-110 times
};

struct PngLimits {
  uint64_t max_bytes = uint64_t{1} << 32;  // of RGBA8 in memory: 1.07 gigapixels
};

/// Any PNG as RGBA8: gray and palettes expanded, 16 bits rounded to 8, alpha 255 where the file has none.
/// Rows are decoded straight into the result; no more than the file can really hold is ever allocated.
Pixels read_png(const std::filesystem::path& path, const PngLimits& limits = {});

/// Writes the file whole or not at all.
void write_png(const std::filesystem::path& path, const PixelView& pixels, const PngOptions& options = {});

/// The bytes of the file that write_png would write.
std::string encode_png(const PixelView& pixels, const PngOptions& options = {});

}  // namespace forge::graphics
