#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "forge/graphics/owned.hpp"

// PNG files: bytes are payload. No gamma, colour profile or sRGB transform is applied in either direction.
namespace forge::graphics {

/// RGBA, 8 bits each, rows from the top without gaps.
struct Pixels {
  Owned<uint8_t> data;  // (height, width, 4)
  uint32_t width = 0;
  uint32_t height = 0;
};

/// What a file's pixels are.
struct PngFormat {
  size_t width = 0;
  size_t height = 0;
  unsigned channels = 4;  // 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA
  unsigned bits = 8;      // of a sample: 8 or 16
};

/// Somebody's pixels; samples of 16 bits as this machine has them.
struct PixelView {
  const uint8_t* data = nullptr;
  size_t width = 0;
  size_t height = 0;
  unsigned channels = 4;
  ptrdiff_t row_stride = 0;  // bytes from row to row; 0: rows lie close
  unsigned bits = 8;
};

struct PngText {
  std::string key;    // 1 to 79 ASCII characters
  std::string value;  // UTF-8
};

struct PngOptions {
  // 1 "fast": Up alone, and runs; 2 "default": the best of three filters a row, and runs, or a search where it pays;
  // 3 "small": the best of five, and the better of runs and a long search
  int level = 2;
  double dpi = 0;  // 0: not said
  int srgb = -1;   // rendering intent 0 to 3; -1: not said to be sRGB
  std::vector<PngText> text = {};
};

struct PngLimits {
  uint64_t max_bytes = uint64_t{1} << 32;  // of RGBA8 in memory: 1.07 gigapixels
};

/// A picture as its file has it. Gray of 1, 2 and 4 bits is spread over 8; palettes stay indices.
struct PngImage {
  Owned<uint8_t> data;  // (height, width, channels) of `bits`, samples as this machine has them
  PngFormat format;
  std::vector<uint8_t> palette;  // RGBA of each index; empty: no palette
  int gray_bits = 8;             // what the file had
  double dpi = 0;                // 0: not said, or not square
  int srgb = -1;                 // rendering intent; -1: not said
  double gamma = 0;              // 0: not said
  std::vector<PngText> text;     // as UTF-8
  std::vector<uint16_t> transparent = {};  // the gray or RGB, as `data` has it, that is seen through; empty: none
};

PngImage read_png_image(const std::filesystem::path& path, const PngLimits& limits = {});

/// Any PNG as RGBA8: gray and palettes expanded, 16 bits rounded to 8, alpha 255 where the file has none.
/// Rows are decoded straight into the result; no more than the file can really hold is ever allocated.
Pixels read_png(const std::filesystem::path& path, const PngLimits& limits = {});

/// Writes the file whole or not at all.
void write_png(const std::filesystem::path& path, const PixelView& pixels, const PngOptions& options = {});

/// The bytes of the file that write_png would write.
std::string encode_png(const PixelView& pixels, const PngOptions& options = {});

/// Writes a file row by row, so that no more than some strips of the picture need be there at a time.
class PngStream {
 public:
  PngStream(const std::filesystem::path& path, const PngFormat& format, const PngOptions& options = {});
  ~PngStream();  // a picture that was not finished leaves no file
  PngStream(PngStream&&) noexcept;
  PngStream& operator=(PngStream&&) noexcept;

  /// Throws OUT_OF_RANGE for more rows than the format has.
  void write(const uint8_t* rows, ptrdiff_t stride, size_t count);
  /// Throws WRONG_STATE where rows are missing, FILE_WRITE where the system refused.
  void finish();
  uint64_t rows_left() const;
  const PngFormat& format() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What unpacks and checks: "libdeflate 1.14" or "zlib 1.2.13".
std::string png_packer();

}  // namespace forge::graphics
