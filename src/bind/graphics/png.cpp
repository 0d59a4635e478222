#include "forge/graphics/png.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/picture.hpp"
#include "bind/lifecycle.hpp"
#include "bind/ndarray.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

/// The array's own memory; the caller keeps the array while the view is used.
graphics::PixelView to_pixels(py::handle value) {
  refuse_masked(value, "the picture");
  const bool is_array = py::isinstance<py::array>(value);
  const auto array = is_array ? py::reinterpret_borrow<py::array>(value) : py::array();
  if (!is_array || !array.dtype().equal(py::dtype::of<uint8_t>()) || (array.ndim() != 2 && array.ndim() != 3))
    throw Error(ErrorCode::INVALID_ARGUMENT, "unsupported array", "uint8 (H,W), (H,W,3) or (H,W,4)", describe(value));
  if (!(array.flags() & py::array::c_style))
    throw Error(ErrorCode::NOT_CONTIGUOUS, "array is not C-contiguous", "rows without gaps or reversal",
                describe(value), "use numpy.ascontiguousarray");
  const auto channels = array.ndim() == 3 ? array.shape(2) : 1;
  if (array.ndim() == 3 && channels != 3 && channels != 4)
    throw Error(ErrorCode::BAD_SHAPE, "expected last dimension to be 3 (RGB) or 4 (RGBA)", {}, describe(value));
  return {static_cast<const uint8_t*>(array.data()), static_cast<size_t>(array.shape(1)),
          static_cast<size_t>(array.shape(0)), static_cast<unsigned>(channels)};
}

/// The same for every format: 8 or 16 bits, 1 to 4 channels.
graphics::PixelView to_any_pixels(py::handle value) {
  refuse_masked(value, "the picture");
  constexpr const char* expected = "uint8 or uint16 (H,W), (H,W,2), (H,W,3) or (H,W,4)";
  const bool is_array = py::isinstance<py::array>(value);
  const auto array = is_array ? py::reinterpret_borrow<py::array>(value) : py::array();
  const bool is_wide = is_array && array.dtype().equal(py::dtype::of<uint16_t>());
  const bool fits = is_array && (is_wide || array.dtype().equal(py::dtype::of<uint8_t>())) &&
                    (array.ndim() == 2 || (array.ndim() == 3 && array.shape(2) >= 1 && array.shape(2) <= 4));
  if (!fits) throw Error(ErrorCode::INVALID_ARGUMENT, "unsupported array", expected, describe(value));
  if (!(array.flags() & py::array::c_style))
    throw Error(ErrorCode::NOT_CONTIGUOUS, "array is not C-contiguous", "rows without gaps or reversal",
                describe(value), "use numpy.ascontiguousarray");
  return {static_cast<const uint8_t*>(array.data()),
          static_cast<size_t>(array.shape(1)),
          static_cast<size_t>(array.shape(0)),
          array.ndim() == 3 ? static_cast<unsigned>(array.shape(2)) : 1,
          0,
          is_wide ? 16U : 8U};
}

/// UTF-8 of a str, which has no halves of surrogate pairs.
std::string to_utf8(py::handle text, const char* name) {
  Py_ssize_t size = 0;
  if (const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size)) return {bytes, static_cast<size_t>(size)};
  if (!PyErr_ExceptionMatches(PyExc_UnicodeError)) throw py::error_already_set();
  PyErr_Clear();
  const auto shown = py::reinterpret_steal<py::str>(PyObject_ASCII(text.ptr()));
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string(name) + " holds what is no character",
              "text without halves of surrogate pairs", shown.cast<std::string>());
}

int to_level(py::handle level) {
  constexpr const char* names[] = {"fast", "default", "small"};
  if (py::isinstance<py::str>(level)) {
    const std::string text = to_utf8(level, "level");
    for (int i = 0; i < 3; ++i)
      if (text == names[i]) return i + 1;
    throw Error(ErrorCode::INVALID_ARGUMENT, "unknown level", "'fast', 'default' or 'small' (1, 2, 3)",
                "'" + text + "'");
  }
  return static_cast<int>(std::clamp<int64_t>(to_integer(level, "level must be a name or an integer"), -1, 99));
}

graphics::PngOptions to_options(py::handle level, py::handle dpi, py::handle text, py::handle srgb) {
  graphics::PngOptions options;
  options.level = to_level(level);
  if (!dpi.is_none()) {
    options.dpi = to_real(dpi, "dpi must be a number");
    if (!(options.dpi > 0))
      throw Error(ErrorCode::INVALID_ARGUMENT, "dpi is out of range", "> 0", std::to_string(options.dpi));
  }
  if (PyBool_Check(srgb.ptr()))
    options.srgb = srgb.is(py::bool_(true)) ? 0 : -1;
  else if (!srgb.is_none())
    options.srgb = static_cast<int>(std::clamp<int64_t>(to_integer(srgb, "srgb must be a bool or an intent"), -2, 99));
  if (options.srgb == -1 && !srgb.is_none() && !PyBool_Check(srgb.ptr())) options.srgb = -2;
  if (text.is_none()) return options;
  if (!PyDict_Check(text.ptr()))
    throw Error(ErrorCode::BAD_TYPE, "text has the wrong type", "a dict of str", describe(text));
  for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(text)) {
    if (!py::isinstance<py::str>(key) || !py::isinstance<py::str>(value))
      throw Error(ErrorCode::BAD_TYPE, "text has the wrong type", "a dict of str", describe(text));
    options.text.push_back({to_utf8(key, "text"), to_utf8(value, "text")});
  }
  return options;
}

py::array png_to_numpy(const py::object& path, uint64_t max_bytes) {
  const std::filesystem::path file = to_path(path);
  graphics::Pixels pixels;
  {
    GilRelease nogil;
    pixels = graphics::read_png(file, {max_bytes});
  }
  const py::ssize_t height = pixels.height, width = pixels.width;
  return to_numpy(std::move(pixels.data), {height, width, 4});
}

void numpy_to_png(const py::object& path, const py::object& array, const py::object& level, const py::object& dpi,
                  const py::object& text, const py::object& srgb) {
  const std::filesystem::path file = to_path(path);
  const graphics::PixelView pixels = to_pixels(array);
  const graphics::PngOptions options = to_options(level, dpi, text, srgb);
  GilRelease nogil;
  graphics::write_png(file, pixels, options);
}

void write_png(const py::object& path, const py::object& array, const py::object& level, const py::object& dpi,
               const py::object& text, const py::object& srgb) {
  const std::filesystem::path file = to_path(path);
  const graphics::PixelView pixels = to_any_pixels(array);
  const graphics::PngOptions options = to_options(level, dpi, text, srgb);
  GilRelease nogil;
  graphics::write_png(file, pixels, options);
}

py::bytes encode_png(const py::object& array, const py::object& level, const py::object& dpi, const py::object& text,
                     const py::object& srgb) {
  const graphics::PixelView pixels = to_pixels(array);
  const graphics::PngOptions options = to_options(level, dpi, text, srgb);
  std::string bytes;
  {
    GilRelease nogil;
    bytes = graphics::encode_png(pixels, options);
  }
  return bytes;
}

py::array array_of(graphics::PngImage& image) {
  const auto& format = image.format;
  std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(format.height), static_cast<py::ssize_t>(format.width)};
  if (format.channels > 1) shape.push_back(format.channels);
  if (format.bits == 8) return to_numpy(std::move(image.data), shape);
  graphics::Owned<uint16_t> words(image.data.size / 2);
  std::memcpy(words.data.get(), image.data.data.get(), words.size * 2);
  return to_numpy(std::move(words), shape);
}

py::tuple png_read(const py::object& path, uint64_t max_bytes) {
  const std::filesystem::path file = to_path(path);
  graphics::PngImage image;
  {
    GilRelease nogil;
    image = graphics::read_png_image(file, {max_bytes});
  }
  py::dict text;
  for (const graphics::PngText& row : image.text)
    text[py::str(row.key)] = py::reinterpret_steal<py::str>(
        PyUnicode_DecodeUTF8(row.value.data(), static_cast<Py_ssize_t>(row.value.size()), "replace"));
  py::object palette = py::none();
  if (!image.palette.empty())
    palette = py::array_t<uint8_t>({image.palette.size() / 4, size_t{4}}, image.palette.data());
  py::object transparent = py::none();
  if (!image.transparent.empty()) {
    py::tuple samples(image.transparent.size());
    for (size_t i = 0; i < image.transparent.size(); ++i) samples[i] = image.transparent[i];
    transparent = samples;
  }
  const auto or_none = [](bool known, auto value) -> py::object { return known ? py::cast(value) : py::none(); };
  return py::make_tuple(array_of(image), palette, image.gray_bits, or_none(image.dpi > 0, image.dpi),
                        or_none(image.srgb >= 0, image.srgb), or_none(image.gamma > 0, image.gamma), text, transparent);
}

/// A file in the making.
class PyPngWriter {
 public:
  PyPngWriter(const py::object& path, const graphics::PngFormat& format, const graphics::PngOptions& options) {
    const std::filesystem::path file = to_path(path);
    const GilRelease nogil;
    stream_.emplace(file, format, options);
  }
  void write(const py::object& rows) {
    const graphics::PixelView view = to_any_pixels(rows);
    const graphics::PngFormat& format = live().format();
    if (view.width != format.width || view.channels != format.channels || view.bits != format.bits)
      throw Error(ErrorCode::BAD_SHAPE, "rows do not fit the picture",
                  "uint" + std::to_string(format.bits) + " (rows, " + std::to_string(format.width) + ", " +
                      std::to_string(format.channels) + ")",
                  describe(rows));
    const GilRelease nogil;
    const std::lock_guard lock(mutex_);
    const auto stride = static_cast<ptrdiff_t>(view.width * view.channels * view.bits / 8);
    live().write(view.data, stride, view.height);
  }
  void close() {
    const GilRelease nogil;
    const std::lock_guard lock(mutex_);
    if (!stream_) return;
    auto ending = std::move(*stream_);
    stream_.reset();  // whatever finish() says, there is nothing more to be done
    ending.finish();
  }
  bool closed() const { return !stream_; }
  void abandon() {
    const std::lock_guard lock(mutex_);
    stream_.reset();
  }
  uint64_t rows_left() { return live().rows_left(); }

 private:
  graphics::PngStream& live() {
    if (!stream_)
      throw Error(ErrorCode::CLOSED, "PngWriter was used after close()", "an open one", "a closed one",
                  "make a new one");
    return *stream_;
  }
  std::optional<graphics::PngStream> stream_;
  std::mutex mutex_;
};

graphics::PngFormat to_format(py::handle width, py::handle height, py::handle channels, py::handle bits) {
  const int64_t c = to_integer(channels, "channels must be an integer"),
                b = to_integer(bits, "bits must be an integer");
  if (c < 1 || c > 4 || (b != 8 && b != 16))
    throw Error(ErrorCode::INVALID_ARGUMENT, "no format of a PNG", "1 to 4 channels of 8 or 16 bits",
                std::to_string(c) + " of " + std::to_string(b));
  return {to_extent(width, "width"), to_extent(height, "height"), static_cast<unsigned>(c), static_cast<unsigned>(b)};
}

void bind_writer(py::module_& module) {
  py::class_<PyPngWriter> cls(module, "PngWriter", R"doc(Writes a PNG file row by row.

For pictures that need not be in memory as a whole: some strips at a time are packed, by all cores. The file takes its name
when it is whole; what was not finished leaves none. Use it with `with`, which closes it, or abandons the file after an
exception. close() finishes the file, and raises StateError where rows are missing.

Args:
    path: File to write, str or os.PathLike. A file of that name is replaced.
    width: Pixels.
    height: Rows, all of which have to come.
    channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
    bits: Of a sample, 8 or 16.
    level: "fast", "default" or "small"; 1, 2, 3.
    dpi: Pixels an inch, for printing.
    text: A dict of str, such as {"Title": "Alps"}; keys are ASCII.
    srgb: True where the colours are sRGB, or a rendering intent 0 to 3.

Raises:
    InputError: An argument that no PNG can hold (also a ValueError).
    FileError: The file cannot be written (also an OSError and a RuntimeError).

Example:
    >>> from vulkan_forge import graphics
    >>> with graphics.PngWriter("rows.png", 640, 480, channels=1) as writer:
    ...     for _ in range(48):
    ...         writer.write(np.zeros((10, 640), np.uint8))
    >>> graphics.read_png("rows.png").pixels.shape
    (480, 640)
)doc");
  cls.def(py::init([](const py::object& path, const py::object& width, const py::object& height,
                      const py::object& channels, const py::object& bits, const py::object& level,
                      const py::object& dpi, const py::object& text, const py::object& srgb) {
            return std::make_unique<PyPngWriter>(path, to_format(width, height, channels, bits),
                                                 to_options(level, dpi, text, srgb));
          }),
          "path"_a, "width"_a, "height"_a, py::kw_only(), "channels"_a = 4, "bits"_a = 8, "level"_a = "default",
          "dpi"_a = py::none(), "text"_a = py::none(), "srgb"_a = py::none());
  cls.def("write", &PyPngWriter::write, "rows"_a, R"doc(Add rows below those that are there.

Args:
    rows: C-contiguous uint8 or uint16 of shape (n, width), or (n, width, channels).

Raises:
    InputError: Rows of another format (also a ValueError), or more than the picture has.
    FileError: The file cannot be written.
    StateError: The writer is closed.
)doc");
  bind_closing(cls, "PngWriter");
  cls.def_property_readonly("rows_left", &PyPngWriter::rows_left, "Rows that have not come yet.");
  cls.def("__enter__", [](py::object self) { return self; });
  cls.def("__exit__", [](PyPngWriter& self, const py::object& type, const py::object&, const py::object&) {
    type.is_none() ? self.close() : self.abandon();
  });
}

}  // namespace

void bind_png(py::module_& module) {
  module.def("png_to_numpy", &png_to_numpy, "path"_a, py::kw_only(), "max_bytes"_a = graphics::PngLimits{}.max_bytes,
             R"doc(Read a PNG file as RGBA.

Gray and palettes are expanded, 16 bits rounded to 8, and alpha is 255 where the file has none. Bytes are payload:
gamma, colour profiles and sRGB marks change nothing.

Args:
    path: File to read, str or os.PathLike.
    max_bytes: Refuse pictures that need more memory than this.

Returns:
    C-contiguous uint8 array of shape (H, W, 4), row 0 on top.

Raises:
    FileError: The file is missing, broken or too large (also an OSError and a RuntimeError).

Example:
    >>> image = vulkan_forge.png_to_numpy("terrain.png")
    >>> image.shape
    (480, 640, 4)
)doc");
  module.def("numpy_to_png", &numpy_to_png, "path"_a, "array"_a, py::kw_only(), "level"_a = "default",
             "dpi"_a = py::none(), "text"_a = py::none(), "srgb"_a = py::none(),
             R"doc(Write an array as a PNG file: the whole file, or nothing.

Args:
    path: File to write, str or os.PathLike. A file of that name is replaced.
    array: C-contiguous uint8 array of shape (H, W) for gray, (H, W, 3) for RGB or (H, W, 4) for RGBA.
    level: "fast", "default" or "small"; 1, 2, 3. "default" chooses filters row by row, "small" looks longer for what
        repeats.
    dpi: Pixels an inch, for printing; None: not said.
    text: A dict of str, such as {"Title": "Alps"}; keys are ASCII, values any text.
    srgb: True where the colours are sRGB, or a rendering intent 0 to 3. Bytes stay as they are.

Raises:
    InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).
    FileError: The file cannot be written (also an OSError and a RuntimeError).

Example:
    >>> vulkan_forge.numpy_to_png("gray.png", numpy.zeros((480, 640), numpy.uint8))
)doc");
  module.def("encode_png", &encode_png, "array"_a, py::kw_only(), "level"_a = "default", "dpi"_a = py::none(),
             "text"_a = py::none(), "srgb"_a = py::none(),
             R"doc(Encode an array as the bytes of a PNG file.

Args:
    array: As for numpy_to_png().
    level: As for numpy_to_png().
    dpi: As for numpy_to_png().
    text: As for numpy_to_png().
    srgb: As for numpy_to_png().

Returns:
    The bytes that numpy_to_png() would write.

Raises:
    InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).

Example:
    >>> vulkan_forge.encode_png(numpy.zeros((2, 2), numpy.uint8))[:4]
    b'\x89PNG'
)doc");
  module.def("write_png", &write_png, "path"_a, "array"_a, py::kw_only(), "level"_a = "default", "dpi"_a = py::none(),
             "text"_a = py::none(), "srgb"_a = py::none(),
             R"doc(Write an array of 8 or 16 bits a sample as a PNG file: the whole file, or nothing.

Args:
    path: File to write, str or os.PathLike. A file of that name is replaced.
    array: C-contiguous uint8 or uint16 of shape (H, W) for gray, or (H, W, C) with 1 channel for gray, 2 for gray and
        alpha, 3 for RGB, 4 for RGBA.
    level: As for vulkan_forge.numpy_to_png().
    dpi: As for vulkan_forge.numpy_to_png().
    text: As for vulkan_forge.numpy_to_png().
    srgb: As for vulkan_forge.numpy_to_png().

Raises:
    InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).
    FileError: The file cannot be written (also an OSError and a RuntimeError).

Example:
    >>> from vulkan_forge import graphics
    >>> graphics.write_png("deep.png", np.full((4, 5), 40_000, np.uint16), dpi=300)
    >>> graphics.read_png("deep.png").pixels[0, 0]
    np.uint16(40000)
)doc");
  module.def("png_read", &png_read, "path"_a, "max_bytes"_a,
             "Pixels, palette, bits, dpi, sRGB intent, gamma, texts and the transparent pixel; see "
             "vulkan_forge.graphics.read_png.");
  module.def("png_packer", &graphics::png_packer, "What unpacks PNG here: libdeflate or zlib, with its version.");
  bind_writer(module);
}

}  // namespace forge::bind
