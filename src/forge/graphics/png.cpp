#include "forge/graphics/png.hpp"

#include <png.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "forge/graphics/file.hpp"
#include "forge/graphics/png/read_plain.hpp"

// libpng reports errors by longjmp, which skips destructors. So every C++ object lives outside guarded(), what runs
// inside it has only plain locals, and callbacks let no exception through libpng's frames.
namespace forge::graphics {

namespace {

constexpr const char* kReadFailed = "failed to open PNG";
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
  explicit Reader(const std::filesystem::path& path, bool with_metadata = false)
      : path_(path), file_(std::fopen(path.c_str(), "rbe")), with_metadata_(with_metadata) {
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

  PngImage read_image(const PngLimits& limits) {
    PngImage image;
    if (!guarded(png_, [&] { read_header(); })) fail();
    check_size(limits);
    take_transparent(image);
    if (!guarded(png_, [&] { prepare_image(image); })) fail();
    image.data = Owned<uint8_t>(png_get_rowbytes(png_, info_) * height_);
    if (!guarded(png_, [this, to = image.data.data.get()] { read_as_it_is(to); })) fail();
    take_palette(image);
    take_metadata(image);
    return image;
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
    if (!with_metadata_) png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
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

  void prepare_image(PngImage& image) {
    const int color = png_get_color_type(png_, info_);
    const int depth = png_get_bit_depth(png_, info_);
    if (color == PNG_COLOR_TYPE_PALETTE)
      png_set_packing(png_);
    else if (depth < 8)
      png_set_expand_gray_1_2_4_to_8(png_);
    if (depth == 16) png_set_swap(png_);  // the file's samples have the high byte first
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    image.format = {width_, height_, png_get_channels(png_, info_), png_get_bit_depth(png_, info_)};
    image.gray_bits = depth;
  }

  void read_as_it_is(uint8_t* to) {
    const size_t stride = png_get_rowbytes(png_, info_);
    for (int pass = 0; pass < passes_; ++pass)
      for (size_t y = 0; y < height_; ++y) png_read_row(png_, to + y * stride, nullptr);
    png_read_end(png_, info_);
  }

  void take_palette(PngImage& image) const {
    png_colorp colors = nullptr;
    int count = 0, with_alpha = 0;
    if (png_get_color_type(png_, info_) != PNG_COLOR_TYPE_PALETTE || !png_get_PLTE(png_, info_, &colors, &count))
      return;
    png_bytep alpha = nullptr;
    png_get_tRNS(png_, info_, &alpha, &with_alpha, nullptr);
    for (int i = 0; i < count; ++i)
      image.palette.insert(image.palette.end(), {colors[i].red, colors[i].green, colors[i].blue,
                                                 alpha && i < with_alpha ? alpha[i] : uint8_t{255}});
  }

  /// Before rows are prepared: that changes what the header says of samples. Gray below 8 bits is spread as pixels are.
  void take_transparent(PngImage& image) const {
    const int color = png_get_color_type(png_, info_);
    const bool is_gray = color == PNG_COLOR_TYPE_GRAY;
    png_color_16p one = nullptr;
    if ((!is_gray && color != PNG_COLOR_TYPE_RGB) || !png_get_tRNS(png_, info_, nullptr, nullptr, &one) || !one) return;
    const int depth = png_get_bit_depth(png_, info_);
    const unsigned most = (1U << depth) - 1, spread = depth < 8 ? 255 / most : 1;
    const auto sample = [&](unsigned value) { return static_cast<uint16_t>((value & most) * spread); };
    if (is_gray)
      image.transparent = {sample(one->gray)};
    else
      image.transparent = {sample(one->red), sample(one->green), sample(one->blue)};
  }

  void take_metadata(PngImage& image) const {
    const uint32_t across = png_get_x_pixels_per_meter(png_, info_), down = png_get_y_pixels_per_meter(png_, info_);
    if (across == down) image.dpi = across * 0.0254;
    int intent = -1;
    if (png_get_sRGB(png_, info_, &intent)) image.srgb = intent;
    png_get_gAMA(png_, info_, &image.gamma);
    png_textp texts = nullptr;
    int count = 0;
    png_get_text(png_, info_, &texts, &count);
    for (int i = 0; i < count; ++i) {
      const bool is_utf8 = texts[i].compression >= PNG_ITXT_COMPRESSION_NONE;
      const size_t length = is_utf8 ? texts[i].itxt_length : texts[i].text_length;
      const std::string value(texts[i].text ? texts[i].text : "", texts[i].text ? length : 0);
      image.text.push_back({utf8(texts[i].key), is_utf8 ? value : utf8(value)});
    }
  }

  /// From Latin-1, which keys and plain texts are in.
  static std::string utf8(const std::string& latin) {
    std::string result;
    for (const char c : latin) {
      const auto byte = static_cast<uint8_t>(c);
      if (byte < 0x80)
        result += c;
      else
        result += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
    }
    return result;
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
  bool with_metadata_;
  uint32_t width_ = 0;
  uint32_t height_ = 0;
  int passes_ = 1;
};

}  // namespace

Pixels read_png(const std::filesystem::path& path, const PngLimits& limits) {
  if (auto pixels = png::read_plain(path, limits)) return std::move(*pixels);
  return Reader(path).read(limits);
}

PngImage read_png_image(const std::filesystem::path& path, const PngLimits& limits) {
  return Reader(path, true).read_image(limits);
}

}  // namespace forge::graphics
