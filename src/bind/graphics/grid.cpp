#include "forge/graphics/grid.hpp"

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

void check_origin(const py::object& origin) {
  if (origin.is_none() || (py::isinstance<py::str>(origin) && origin.equal(py::str("center")))) return;
  throw Error(ErrorCode::INVALID_ARGUMENT, "origin must be 'center'", {}, py::repr(origin).cast<std::string>());
}

py::tuple grid_generate(const py::object& nx, const py::object& nz, const py::object& spacing,
                        const py::object& origin) {
  const int64_t columns = to_integer(nx, "nx and nz must be integers"),
                rows = to_integer(nz, "nx and nz must be integers");
  const auto distances = to_numbers(spacing, 2, "spacing must be a pair of numbers");
  graphics::check_grid(columns, rows, {distances[0], distances[1]});
  check_origin(origin);
  graphics::Grid grid;
  {
    GilRelease nogil;
    grid = graphics::grid_generate(columns, rows, {distances[0], distances[1]});
  }
  const auto vertices = static_cast<py::ssize_t>(grid.xy.size / 2),
             indices = static_cast<py::ssize_t>(grid.indices.size);
  return py::make_tuple(to_numpy(std::move(grid.xy), {vertices, 2}), to_numpy(std::move(grid.uv), {vertices, 2}),
                        to_numpy(std::move(grid.indices), {indices}));
}

}  // namespace

void bind_grid(py::module_& module) {
  module.def("grid_generate", &grid_generate, "nx"_a, "nz"_a, "spacing"_a = py::make_tuple(1.0, 1.0),
             "origin"_a = "center", R"doc(Make a flat grid of triangles, centred on the origin.

Vertices are row-major with x fastest; triangles run counter-clockwise.

Args:
    nx: Vertices along x, >= 2.
    nz: Vertices along z, >= 2.
    spacing: Distances between vertices (dx, dz), > 0.
    origin: Where (0, 0) lies; only "center".

Returns:
    xy, a float32 array of shape (nx * nz, 2); uv, likewise, 0 to 1 along each side; and indices, a uint32 array
    of shape (6 * (nx - 1) * (nz - 1),).

Raises:
    InputError: A value is out of range (also a ValueError and a RuntimeError).
    TypeError: nx or nz is not an integer, or spacing not a pair of numbers.

Example:
    >>> xy, uv, indices = vulkan_forge.grid_generate(3, 2, spacing=(2.0, 1.0))
    >>> xy[0]
    array([-2. , -0.5], dtype=float32)
)doc");
}

}  // namespace forge::bind
