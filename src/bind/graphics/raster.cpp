#include <pybind11/stl.h>

#include "bind/array/ops/operands.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/ndarray.hpp"
#include "forge/core/error.hpp"
#include "forge/graphics/colormap.hpp"
#include "forge/graphics/raster/contour.hpp"
#include "forge/graphics/raster/raster.hpp"
#include "forge/graphics/raster/sight.hpp"
#include "forge/graphics/raster/window.hpp"

namespace py = pybind11;
using namespace py::literals;

// The device's part of vulkan_forge.graphics.raster, which checks what users give and brings it into these terms.
namespace forge::bind {

namespace {

using Four = std::array<float, 4>;

std::unique_ptr<PyArray> raster_window(py::handle heights, const std::string& measure, bool zevenbergen_thorne,
                                       bool edges, std::array<float, 2> per, std::array<float, 2> holes, Four a, Four b,
                                       py::handle dtype) {
  graphics::RasterWindow window{zevenbergen_thorne, edges, per[0], per[1], holes[0], holes[1], a, b};
  const graphics::Measure which = graphics::measure_of(measure);
  const DType out = to_dtype(dtype);
  Operands operands({heights});
  const array::Array cells = operands.take(heights, "heights");
  return std::make_unique<PyArray>(
      operands.run([&](vk::Commands& c) { return graphics::measure_windows(c, cells, which, window, out); }));
}

template <class T>
py::array to_numpy(std::vector<T>&& values, std::vector<py::ssize_t> shape) {
  auto* kept = new std::vector<T>(std::move(values));
  const py::capsule owner(kept, [](void* memory) { delete static_cast<std::vector<T>*>(memory); });
  return py::array_t<T>(std::move(shape), kept->data(), owner);
}

py::tuple raster_contours(py::handle heights, const std::vector<double>& levels, float nodata) {
  if (recording())
    throw Error(ErrorCode::WRONG_STATE, "contours in a graph", "a call outside of vf.record()",
                "their number is known only once they are there");
  Operands operands({heights});
  const array::Array cells = operands.take(heights, "heights");
  graphics::ContourLines lines;
  {
    const GilRelease nogil;
    vk::Commands commands(operands.device());
    const auto segments = graphics::contour_segments(commands, cells, levels, nodata);
    lines = graphics::join_segments(segments, levels.size(), graphics::raster_size(cells, "contours").columns);
  }
  const auto points = static_cast<py::ssize_t>(lines.points.size() / 2);
  const auto count = static_cast<py::ssize_t>(lines.levels.size());
  return py::make_tuple(to_numpy(std::move(lines.points), {points, 2}), to_numpy(std::move(lines.starts), {count + 1}),
                        to_numpy(std::move(lines.levels), {count}));
}

graphics::Sky sky_of(const std::string& kind) {
  if (kind == "factor") return graphics::Sky::factor;
  if (kind == "ambient") return graphics::Sky::ambient;
  if (kind == "openness") return graphics::Sky::openness;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown kind of sky view", "factor, ambient or openness", kind);
}

std::unique_ptr<PyArray> raster_sky(py::handle heights, const std::string& kind, uint32_t directions, uint32_t radius,
                                    std::array<double, 2> cell, float z_factor, std::array<float, 2> holes) {
  const graphics::SkyRules rules{sky_of(kind), directions, radius, cell, z_factor, holes[0], holes[1]};
  Operands operands({heights});
  const array::Array cells = operands.take(heights, "heights");
  return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return graphics::sky_view(c, cells, rules); }));
}

std::unique_ptr<PyArray> raster_viewshed(py::handle heights, std::array<int64_t, 2> observer, std::array<float, 2> cell,
                                         std::array<float, 2> above, float reach, float bend, bool needed,
                                         std::array<float, 2> holes) {
  const graphics::SightRules rules{observer, cell, above[0], above[1], reach, bend, needed, holes[0], holes[1]};
  Operands operands({heights});
  const array::Array cells = operands.take(heights, "heights");
  return std::make_unique<PyArray>(operands.run([&](vk::Commands& c) { return graphics::viewshed(c, cells, rules); }));
}

py::array_t<uint8_t> raster_colors(const std::string& name) {
  const graphics::Lut& lut = graphics::colormap_lut(name);
  return py::array_t<uint8_t>({lut.size(), size_t{4}}, lut[0].data());
}

}  // namespace

void bind_raster(py::module_& module) {
  module.def("raster_window", &raster_window, "heights"_a, "measure"_a, py::kw_only(), "zevenbergen_thorne"_a,
             "edges"_a, "per"_a, "holes"_a, "a"_a, "b"_a, "dtype"_a,
             R"(A measure of windows of 3 x 3 cells; vulkan_forge.graphics.raster has a function for each.

Args:
    heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
    measure: Its name in measures.def.
    zevenbergen_thorne: Their gradient instead of Horn's.
    edges: Windows that reach beyond the raster or over holes count.
    per: From weighted differences to slopes, eastward and northward.
    holes: The height that means a hole, and what holes get.
    a: Four parameters of the measure.
    b: Four more.
    dtype: float32 or uint8.
)");
  module.def("raster_contours", &raster_contours, "heights"_a, "levels"_a, "nodata"_a,
             R"(Lines of equal height; see vulkan_forge.graphics.raster.contours.

Args:
    heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
    levels: Ascending.
    nodata: The height that means a hole, beside NaN.

Returns:
    float64 points of shape (n, 2) as column and row, int64 starts of each line and the end, int64 indices of their levels.
)");
  module.def("raster_colors", &raster_colors, "name"_a, "A colormap's 256 colours, uint8 RGBA of shape (256, 4).");
  module.def("raster_sky", &raster_sky, "heights"_a, "kind"_a, py::kw_only(), "directions"_a, "radius"_a, "cell"_a,
             "z_factor"_a, "holes"_a, R"(How much of the sky cells see; see vulkan_forge.graphics.raster.sky_view.

Args:
    heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
    kind: "factor", "ambient" or "openness".
    directions: How many rays, evenly around.
    radius: Their length in cells.
    cell: Width and height of a cell.
    z_factor: What heights are multiplied by.
    holes: The height that means a hole, and what holes get.
)");
  module.def("raster_viewshed", &raster_viewshed, "heights"_a, "observer"_a, py::kw_only(), "cell"_a, "above"_a,
             "reach"_a, "bend"_a, "needed"_a, "holes"_a,
             R"(What an observer sees; see vulkan_forge.graphics.raster.viewshed.

Args:
    heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
    observer: Row and column.
    cell: Width and height of a cell.
    above: The eye over ground, and what is looked at.
    reach: The longest line of sight.
    bend: How far the ground falls off by a unit's distance squared.
    needed: How high above the ground something must be to be seen, instead of whether the ground is.
    holes: The height that means a hole, and what holes get.
)");
}

}  // namespace forge::bind
