#include <new>
#include <utility>

#include "forge/core/error.hpp"
#include "forge/graphics/file.hpp"
#include "forge/graphics/png.hpp"
#include "forge/graphics/png/packed.hpp"
#include "forge/graphics/png/writer.hpp"

namespace forge::graphics {

namespace {

constexpr const char* kWriteFailed = "failed to write PNG";

struct FileSink final : png::Sink {
  explicit FileSink(AtomicFile& to) : file(to) {}
  bool put(const void* bytes, size_t size) override { return file.write(bytes, size); }
  AtomicFile& file;
};

struct StringSink final : png::Sink {
  bool put(const void* bytes, size_t size) override {
    text.append(static_cast<const char*>(bytes), size);
    return true;
  }
  std::string text;
};

PngFormat format_of(const PixelView& pixels) { return {pixels.width, pixels.height, pixels.channels, pixels.bits}; }

void write_all(png::Writer& writer, const PixelView& pixels) {
  const ptrdiff_t close = static_cast<ptrdiff_t>(writer.row_bytes());
  writer.rows(pixels.data, pixels.row_stride ? pixels.row_stride : close, pixels.height);
}

}  // namespace

void write_png(const std::filesystem::path& path, const PixelView& pixels, const PngOptions& options) {
  png::check(format_of(pixels), options);
  AtomicFile file(path, kWriteFailed);
  FileSink sink(file);
  png::Writer writer(sink, format_of(pixels), options);
  write_all(writer, pixels);
  file.commit();
}

std::string encode_png(const PixelView& pixels, const PngOptions& options) {
  png::check(format_of(pixels), options);
  StringSink sink;
  png::Writer writer(sink, format_of(pixels), options);
  write_all(writer, pixels);
  return std::move(sink.text);
}

std::string png_packer() { return png::packer(); }

// ---------------------------------------------------------------- row by row

struct PngStream::State {
  State(const std::filesystem::path& path, const PngFormat& f, const PngOptions& options)
      : file(path, kWriteFailed), sink(file), format(f), writer(sink, f, options) {}
  AtomicFile file;
  FileSink sink;
  PngFormat format;
  png::Writer writer;
};

PngStream::PngStream(const std::filesystem::path& path, const PngFormat& format, const PngOptions& options) {
  png::check(format, options);
  state_ = std::make_unique<State>(path, format, options);
}
PngStream::~PngStream() = default;
PngStream::PngStream(PngStream&&) noexcept = default;
PngStream& PngStream::operator=(PngStream&&) noexcept = default;

uint64_t PngStream::rows_left() const { return state_->writer.rows_left(); }
const PngFormat& PngStream::format() const { return state_->format; }

void PngStream::write(const uint8_t* rows, ptrdiff_t stride, size_t count) {
  if (count > rows_left())
    throw Error(ErrorCode::OUT_OF_RANGE, "too many rows for the picture", "at most " + std::to_string(rows_left()),
                std::to_string(count));
  state_->writer.rows(rows, stride, count);
  if (state_->file.refused()) state_->file.commit();  // says why
}

void PngStream::finish() {
  if (rows_left() > 0)
    throw Error(ErrorCode::WRONG_STATE, "picture is not whole", std::to_string(state_->format.height) + " rows",
                std::to_string(state_->format.height - rows_left()), "write the others before closing");
  state_->file.commit();
}

}  // namespace forge::graphics
