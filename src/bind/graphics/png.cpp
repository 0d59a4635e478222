#include "forge/graphics/png.hpp"

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

/// The array's own memory; the caller keeps the array while the view is used.
graphics::PixelView to_pixels(py::handle value) {
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

void numpy_to_png(const py::object& path, const py::object& array, int level) {
  const std::filesystem::path file = to_path(path);
  const graphics::PixelView pixels = to_pixels(array);
  GilRelease nogil;
  graphics::write_png(file, pixels, {level});
}

py::bytes encode_png(const py::object& array, int level) {
  const graphics::PixelView pixels = to_pixels(array);
  std::string bytes;
  {
    GilRelease nogil;
    bytes = graphics::encode_png(pixels, {level});
  }
  return bytes;
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
  module.def("numpy_to_png", &numpy_to_png, "path"_a, "array"_a, py::kw_only(),
             "level"_a = graphics::PngOptions{}.level,
             R"doc(Write an array as a PNG file: the whole file, or nothing.

Args:
    path: File to write, str or os.PathLike. A file of that name is replaced.
    array: C-contiguous uint8 array of shape (H, W) for gray, (H, W, 3) for RGB or (H, W, 4) for RGBA.
    level: 1 is fast; 2 takes some 10 times as long for files 5 to 25 % smaller, 3 some 30 to 110 times for 20 to 25 %.

Raises:
    InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).
    FileError: The file cannot be written (also an OSError and a RuntimeError).

Example:
    >>> vulkan_forge.numpy_to_png("gray.png", numpy.zeros((480, 640), numpy.uint8))
)doc");
  module.def("encode_png", &encode_png, "array"_a, py::kw_only(), "level"_a = graphics::PngOptions{}.level,
             R"doc(Encode an array as the bytes of a PNG file.

Args:
    array: As for numpy_to_png().
    level: As for numpy_to_png().

Returns:
    The bytes that numpy_to_png() would write.

Raises:
    InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).

Example:
    >>> vulkan_forge.encode_png(numpy.zeros((2, 2), numpy.uint8))[:4]
    b'\x89PNG'
)doc");
}

}  // namespace forge::bind
