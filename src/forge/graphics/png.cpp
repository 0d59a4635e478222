#include "forge/graphics/png.hpp"

#include <png.h>
#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "forge/graphics/file.hpp"

// libpng reports errors by longjmp, which skips destructors. So every C++ object lives outside guarded(), what runs
// inside it has only plain locals, and callbacks let no exception through libpng's frames.
namespace forge::graphics {

namespace {

constexpr const char* kReadFailed = "failed to open PNG";
constexpr const char* kWriteFailed = "failed to write PNG";
constexpr uint32_t kLongestSide = 0x7fffffff;  // PNG's own limit

/// What went wrong inside libpng, in its words or the system's.
struct Trouble {
  std::array<char, 128> text{};
  int error_number = 0;

  static void report(png_structp png, png_const_charp text) {
    auto& self = *static_cast<Trouble*>(png_get_error_ptr(png));
    std::snprintf(self.text.data(), self.text.size(), "%s", text);
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}
};

/// Runs libpng calls; false when one of them failed.
template <class Body>
bool guarded(png_structp png, const Body& body) {
  if (setjmp(png_jmpbuf(png))) return false;
  body();
  return true;
}

// ---------------------------------------------------------------- reading

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "rbe")) {
    if (!file_) throw file_error(ErrorCode::FILE_READ, kReadFailed, "a PNG file", path_, errno);
    std::setvbuf(file_.get(), nullptr, _IOFBF, 1 << 16);
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &trouble_, Trouble::report, Trouble::ignore);
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Pixels read(const PngLimits& limits) {
    if (!guarded(png_, [this] { read_header(); })) fail();
    check_size(limits);
    Pixels pixels{Owned<uint8_t>(size_t{4} * width_ * height_), width_, height_};
    if (!guarded(png_, [this, to = pixels.data.data.get()] { read_rows(to); })) fail();
    return pixels;
  }

 private:
  static void read_bytes(png_structp png, png_bytep to, size_t size) {
    auto& self = *static_cast<Reader*>(png_get_io_ptr(png));
    if (std::fread(to, 1, size, self.file_.get()) == size) return;
    if (std::ferror(self.file_.get())) self.trouble_.error_number = errno;
    png_error(png, "the file ends too early");
  }

  void read_header() {
    png_set_read_fn(png_, this, read_bytes);
    png_set_user_limits(png_, kLongestSide, kLongestSide);
    // profiles, gamma and texts are passed over: they would change no byte, and compressed ones may be huge
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(png_, info_);
    width_ = png_get_image_width(png_, info_);
    height_ = png_get_image_height(png_, info_);
  }

  void read_rows(uint8_t* to) {
    png_set_scale_16(png_);
    png_set_expand(png_);
    png_set_gray_to_rgb(png_);
    png_set_add_alpha(png_, 0xFF, PNG_FILLER_AFTER);
    const int passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    const size_t stride = size_t{4} * width_;
    if (png_get_rowbytes(png_, info_) != stride) png_error(png_, "the rows are not RGBA");
    for (int pass = 0; pass < passes; ++pass)
      for (size_t y = 0; y < height_; ++y) png_read_row(png_, to + y * stride, nullptr);
    png_read_end(png_, nullptr);
  }

  /// A header may claim anything; DEFLATE packs at most 1032 to one, so the file's size bounds what can be true.
  void check_size(const PngLimits& limits) const {
    const std::string size = std::to_string(width_) + " x " + std::to_string(height_) + " pixels";
    const uint64_t bytes = uint64_t{4} * width_ * height_;  // below 2^64: both sides are below 2^31
    if (bytes > limits.max_bytes)
      throw Error(ErrorCode::FILE_READ, kReadFailed, "at most " + std::to_string(limits.max_bytes / 4) + " pixels",
                  quoted(path_, size), "raise max_bytes to read it nevertheless");
    struct stat status{};
    const bool known = ::fstat(fileno(file_.get()), &status) == 0 && S_ISREG(status.st_mode);
    const uint64_t packed = (png_get_rowbytes(png_, info_) + uint64_t{1}) * height_ / 1032;
    if (known && packed > static_cast<uint64_t>(status.st_size))
      throw Error(ErrorCode::FILE_READ, kReadFailed, "a whole PNG file",
                  quoted(path_, std::to_string(status.st_size) + " bytes cannot hold " + size));
  }

  [[noreturn]] void fail() const {
    if (trouble_.error_number)
      throw file_error(ErrorCode::FILE_READ, kReadFailed, "a PNG file", path_, trouble_.error_number);
    throw Error(ErrorCode::FILE_READ, kReadFailed, "a PNG file", quoted(path_, trouble_.text.data()))
        .with("path", printable(path_));
  }

  std::filesystem::path path_;
  FileHandle file_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  Trouble trouble_;
  uint32_t width_ = 0;
  uint32_t height_ = 0;
};

// ---------------------------------------------------------------- writing

/// Where encoded bytes go. put() must not throw; it answers false when it cannot go on.
class Sink {
 public:
  virtual bool put(const void* bytes, size_t size) noexcept = 0;

 protected:
  ~Sink() = default;
};

struct FileSink final : Sink {
  explicit FileSink(AtomicFile& to) : file(to) {}
  bool put(const void* bytes, size_t size) noexcept override { return file.write(bytes, size); }
  AtomicFile& file;
};

struct StringSink final : Sink {
  bool put(const void* bytes, size_t size) noexcept override {
    try {
      text.append(static_cast<const char*>(bytes), size);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  std::string text;
};

// 1920 x 1080 RGBA of shaded terrain (8.3 MB), on one Xeon core with zlib 1.2.13, noise-rich / smooth terrain:
//   level 1, Up, Z_RLE                    73 ms 4.15 MB /   39 ms 0.87 MB
//   level 2, all filters, zlib level 6   707 ms 3.09 MB /  280 ms 0.81 MB
//   level 3, all filters, zlib level 9  2028 ms 3.05 MB / 4451 ms 0.71 MB
// What else libpng could do fast: zlib level 1 without filters 144 ms 5.36 MB / 50 ms 1.69 MB, with Up 83 ms 3.67 MB /
// 46 ms 1.21 MB; Z_RLE with Paeth 93 ms 4.06 MB / 54 ms 0.94 MB, with all filters 111 ms 3.73 MB / 71 ms 0.87 MB.
struct Effort {
  int filters;
  int strategy;
  int zlib_level;  // the same to Z_RLE, unless 0
};
constexpr std::array kEfforts = {
    Effort{PNG_FILTER_UP, Z_RLE, 1},
    Effort{PNG_ALL_FILTERS, Z_FILTERED, 6},
    Effort{PNG_ALL_FILTERS, Z_FILTERED, 9},
};
constexpr int kLevels = kEfforts.size();

void check(const PixelView& pixels, const PngOptions& options) {
  const std::string size = std::to_string(pixels.width) + " x " + std::to_string(pixels.height);
  if (pixels.width < 1 || pixels.height < 1)
    throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", {}, size);
  if (pixels.width > kLongestSide || pixels.height > kLongestSide)
    throw Error(ErrorCode::INVALID_ARGUMENT, "picture is too large for a PNG", "sides below 2**31", size);
  if (pixels.channels != 1 && pixels.channels != 3 && pixels.channels != 4)
    throw Error(ErrorCode::BAD_SHAPE, "expected last dimension to be 3 (RGB) or 4 (RGBA)", {},
                std::to_string(pixels.channels));
  if (options.level < 1 || options.level > kLevels)
    throw Error(ErrorCode::INVALID_ARGUMENT, "level must be 1, 2 or 3", {}, std::to_string(options.level));
}

/// For pixels and options that check() has passed.
class Writer {
 public:
  Writer(Sink& sink, const PixelView& pixels, const PngOptions& options)
      : sink_(sink), pixels_(pixels), effort_(kEfforts[static_cast<size_t>(options.level - 1)]) {
    if (pixels_.row_stride == 0) pixels_.row_stride = static_cast<ptrdiff_t>(pixels.width * pixels.channels);
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &trouble_, Trouble::report, Trouble::ignore);
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
  }
  ~Writer() { png_destroy_write_struct(&png_, &info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// False when the sink refused.
  bool write() {
    return guarded(png_, [this] {
      write_header();
      for (size_t y = 0; y < pixels_.height; ++y) png_write_row(png_, row(y));
      png_write_end(png_, nullptr);
    });
  }
  const Trouble& trouble() const { return trouble_; }

 private:
  static void write_bytes(png_structp png, png_bytep bytes, size_t size) {
    if (!static_cast<Sink*>(png_get_io_ptr(png))->put(bytes, size)) png_error(png, "out of space");
  }
  static void flush(png_structp) {}

  const uint8_t* row(size_t y) const { return pixels_.data + static_cast<ptrdiff_t>(y) * pixels_.row_stride; }

  void write_header() {
    png_set_write_fn(png_, &sink_, write_bytes, flush);
    png_set_user_limits(png_, kLongestSide, kLongestSide);
    const int color = pixels_.channels == 1   ? PNG_COLOR_TYPE_GRAY
                      : pixels_.channels == 3 ? PNG_COLOR_TYPE_RGB
                                              : PNG_COLOR_TYPE_RGBA;
    png_set_IHDR(png_, info_, static_cast<uint32_t>(pixels_.width), static_cast<uint32_t>(pixels_.height), 8, color,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_compression_level(png_, effort_.zlib_level);
    png_set_compression_strategy(png_, effort_.strategy);
    png_set_compression_buffer_size(png_, 1 << 16);
    png_set_filter(png_, PNG_FILTER_TYPE_BASE, effort_.filters);
    png_write_info(png_, info_);
  }

  Sink& sink_;
  PixelView pixels_;
  Effort effort_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  Trouble trouble_;
};

}  // namespace

Pixels read_png(const std::filesystem::path& path, const PngLimits& limits) { return Reader(path).read(limits); }

void write_png(const std::filesystem::path& path, const PixelView& pixels, const PngOptions& options) {
  check(pixels, options);
  AtomicFile file(path, kWriteFailed);
  FileSink sink(file);
  Writer writer(sink, pixels, options);
  if (!writer.write() && !file.refused())
    throw Error(ErrorCode::FILE_WRITE, kWriteFailed, {}, writer.trouble().text.data());
  file.commit();
}

std::string encode_png(const PixelView& pixels, const PngOptions& options) {
  check(pixels, options);
  StringSink sink;
  if (!Writer(sink, pixels, options).write()) throw std::bad_alloc();
  return std::move(sink.text);
}

}  // namespace forge::graphics
