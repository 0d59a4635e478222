#include "forge/graphics/points.hpp"

#include <pybind11/numpy.h>

#include <algorithm>
#include <cmath>

#include "bind/gil.hpp"
#include "bind/graphics/geometry.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/scene_object.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::PointParts;
using graphics::Points;

constexpr std::array<float, 4> kInk{0.12f, 0.22f, 0.38f, 1};  // what nobody coloured

class PyPoints : public PySceneObject {
 public:
  explicit PyPoints(std::shared_ptr<Points> points) : PySceneObject(std::move(points)) {}
};

template <class T>
double largest(std::span<const T> sizes) {
  double most = 0;
  for (const T size : sizes) {
    if (!(size >= 0 && std::isfinite(size)))
      throw Error(ErrorCode::INVALID_ARGUMENT, "a size is out of range", "finite numbers >= 0", std::to_string(size));
    most = std::max(most, static_cast<double>(size));
  }
  return most;
}

void add_sizes(const std::shared_ptr<vk::Device>& device, py::handle value, PointParts& parts) {
  if (!py::isinstance<PyArray>(value) && !(py::isinstance<py::array>(value) && py::len(value.attr("shape")) > 0)) {
    const double size = PyFloat_AsDouble(value.ptr());
    if (size == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw Error(ErrorCode::BAD_TYPE, "size has the wrong type", "a number, or (N,) numbers",
                  Py_TYPE(value.ptr())->tp_name);
    }
    parts.size = to_number(size, "size", 0, 1e30);
    return;
  }
  const HostLook sizes = look(device, value, "size");
  if (sizes.shape != Dims{static_cast<int64_t>(parts.places.count)})
    throw Error(ErrorCode::BAD_SHAPE, "size", "a number, or one a point: (" + std::to_string(parts.places.count) + ",)",
                to_string(sizes.shape));
  if (sizes.dtype == DType::float32) {
    parts.size = largest(sizes.values<float>());
    parts.sizes = sizes.there && sizes.there->size
                      ? *sizes.there
                      : put_on_device(device, sizes.data, sizes.values<float>().size_bytes(), "point sizes");
  } else if (sizes.dtype == DType::float64) {
    const auto values = sizes.values<double>();
    parts.size = largest(values);
    const std::vector<float> rounded(values.begin(), values.end());
    parts.sizes = put_on_device(device, rounded.data(), rounded.size() * sizeof(float), "point sizes");
  } else {
    throw Error(ErrorCode::BAD_DTYPE, "size", "float32 or float64", std::string(name_of(sizes.dtype)),
                "convert it: .astype(np.float32)");
  }
}

bool is_world(const std::string& unit) {
  if (unit == "world" || unit == "pixel") return unit == "world";
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown unit", "\"pixel\" or \"world\"", "'" + unit + "'");
}

std::unique_ptr<PyPoints> make(py::handle positions, py::handle colors, py::handle size, const std::string& unit,
                               double opacity, py::handle device) {
  to_number(opacity, "opacity", 0, 1);
  const bool in_world = is_world(unit);
  const auto opened = device_of({positions, colors, size}, device);
  PointParts parts{to_places(opened, positions, "positions")};
  parts.in_world = in_world;
  add_sizes(opened, size, parts);
  const Colors found = to_colors(opened, colors, kInk);
  if (found.of_each && found.count != parts.places.count)
    throw Error(ErrorCode::BAD_SHAPE, "colors", "one, or one a point: " + std::to_string(parts.places.count),
                std::to_string(found.count));
  parts.color = found.one;
  parts.color[3] *= static_cast<float>(opacity);
  parts.colors = found.on_device(opened);
  parts.is_transparent = found.is_transparent || opacity < 1;
  return std::make_unique<PyPoints>(std::make_shared<Points>(opened, std::move(parts)));
}

}  // namespace

void bind_points(py::module_& module) {
  py::class_<PyPoints, PySceneObject> cls(module, "Points", R"(Round spots, millions of them, each in its own colour.

Args:
    positions: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
        from zero. What is not finite is not drawn.
    colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha.
        None: dark blue. A uint8 `Array` (N, 4) is used in place.
    size: Diameter of all, or (N,) of each (default 2.0).
    unit: "pixel", or "world": farther ones are smaller. None is drawn smaller than a sample.
    opacity: 0 to 1 (default 1.0), times the colours' alpha.
    device: A `Device`; None: that of the first `Array` given, else the default one.

Raises:
    InputError: A wrong dtype, shape, number or order (subclasses say which).
    LimitError: More points than one object may have.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import graphics
    >>> places = np.random.default_rng(0).normal(size=(1000, 3))
    >>> picture = graphics.Figure(64, 64).add(graphics.Points(places, colors="crimson", size=3)).render()
)");
  cls.def(py::init(&make), "positions"_a, py::kw_only(), "colors"_a = py::none(), "size"_a = 2.0, "unit"_a = "pixel",
          "opacity"_a = 1.0, "device"_a = py::none());
  bind_lifecycle(cls, "Points");
}

}  // namespace forge::bind
