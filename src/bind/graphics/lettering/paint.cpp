#include "forge/graphics/lettering/paint.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/lettering/painted.hpp"
#include "forge/core/error.hpp"
#include "forge/graphics/lettering/outline.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

graphics::PaintedPicture to_painted(py::handle picture) {
  const bool is_array = py::isinstance<py::array>(picture);
  const auto array = is_array ? py::reinterpret_borrow<py::array>(picture) : py::array();
  if (!is_array || !array.dtype().equal(py::dtype::of<uint8_t>()) || array.ndim() != 3 || array.shape(2) != 4)
    throw Error(ErrorCode::INVALID_ARGUMENT, "unsupported picture", "uint8 (H, W, 4)", describe(picture));
  if (!(array.flags() & py::array::c_style))
    throw Error(ErrorCode::NOT_CONTIGUOUS, "picture is not C-contiguous", "rows without gaps or reversal",
                describe(picture), "use numpy.ascontiguousarray");
  if (!array.writeable()) throw Error(ErrorCode::READ_ONLY, "picture is read-only", "a writable array");
  constexpr py::ssize_t most = std::numeric_limits<int32_t>::max() / 4;
  if (array.shape(0) > most || array.shape(1) > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "picture is too large", "2^29 pixels a side", describe(picture));
  return {static_cast<uint8_t*>(const_cast<void*>(array.data())), static_cast<uint32_t>(array.shape(1)),
          static_cast<uint32_t>(array.shape(0)), array.shape(1) * 4};
}

graphics::Color to_color(py::handle color, const char* name) {
  const bool has_alpha = PySequence_Check(color.ptr()) && PySequence_Size(color.ptr()) == 4;
  PyErr_Clear();
  const auto numbers = to_numbers(color, has_alpha ? 4 : 3, std::string(name) + " must be (r, g, b) or (r, g, b, a)");
  graphics::Color bytes{0, 0, 0, 255};
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!(numbers[i] >= 0 && numbers[i] <= 255))
      throw Error(ErrorCode::INVALID_ARGUMENT, std::string(name) + " is out of range", "0 to 255",
                  std::to_string(numbers[i]));
    bytes[i] = static_cast<uint8_t>(std::lround(numbers[i]));
  }
  return bytes;
}

namespace {

void draw_path(const py::object& picture, const py::object& points, const py::object& color, const py::object& width,
               bool closed) {
  const graphics::PaintedPicture target = to_painted(picture);
  const graphics::Color ink = to_color(color, "color");
  const py::ssize_t count = PySequence_Check(points.ptr()) ? PySequence_Size(points.ptr()) : -1;
  PyErr_Clear();
  const bool fills = width.is_none();
  if (count < 0 || (fills && count > 32767))
    throw Error(ErrorCode::BAD_SHAPE, "points", fills ? "(N, 2), N up to 32767 for a polygon" : "(N, 2)",
                describe(points));
  std::vector<graphics::Point> path;
  for (py::ssize_t i = 0; i < count; ++i) {
    const auto item = py::reinterpret_steal<py::object>(PySequence_GetItem(points.ptr(), i));
    if (!item) throw py::error_already_set();
    const auto pair = to_numbers(item, 2, "points must be pairs of numbers");
    path.push_back({pair[0], pair[1]});
  }
  double pixels = 0;
  if (!fills) {
    pixels = to_numbers(py::make_tuple(width), 1, "width must be a number")[0];
    if (!(pixels > 0 && pixels <= 1024))
      throw Error(ErrorCode::INVALID_ARGUMENT, "width is out of range", "more than 0, up to 1024 pixels",
                  std::to_string(pixels));
  }
  const GilRelease nogil;
  graphics::paint(target,
                  pixels > 0 ? graphics::line_coverage(path, pixels, closed, target.clip())
                             : graphics::polygon_coverage(path, target.clip()),
                  ink);
}

}  // namespace

void bind_paint(py::module_& module) {
  module.def(
      "draw_path", &draw_path, "picture"_a, "points"_a, "color"_a, "width"_a = py::none(), "closed"_a = false,
      R"doc(Draw a polygon, or with a width a line, into a picture, antialiased by exact areas and mixed as light.

Args:
    picture: C-contiguous writable uint8 of shape (H, W, 4): sRGB with straight alpha.
    points: (N, 2) pixels from the upper left corner; up to 32767 of a polygon.
    color: (r, g, b) or (r, g, b, a), 0 to 255.
    width: Of a line; None: the polygon is filled.
    closed: The line ends where it began.
)doc");
}

}  // namespace forge::bind
