// View, SceneObject and Stage: what `graphics.Figure` is made of.
#include "forge/graphics/stage.hpp"

#include <pybind11/stl.h>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/picture.hpp"
#include "bind/graphics/scene_object.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Box;
using graphics::Stage;
using graphics::View;

class PyStage : public Picture<Stage> {
 public:
  explicit PyStage(std::shared_ptr<Guarded<Stage>> share) : Picture(std::move(share), "Stage") {}
};

py::tuple to_tuple(const graphics::Vec3& v) { return py::make_tuple(v[0], v[1], v[2]); }

// (N, 3) of any stride in float32 or float64, or three numbers.
std::vector<graphics::Vec3> to_points(py::handle value) {
  const HostArray host = check_numbers(value, "points");
  if (host.dtype != DType::float64 && host.dtype != DType::float32)
    throw Error(ErrorCode::BAD_DTYPE, "points", "float64 or float32", std::string(name_of(host.dtype)),
                "convert them: .astype(np.float64)");
  if (host.shape.size() != 2 || host.shape[1] != 3)
    throw Error(ErrorCode::BAD_SHAPE, "points", "(N, 3)", describe_value(value));
  std::vector<graphics::Vec3> points(static_cast<size_t>(host.shape[0]));
  const auto* first = static_cast<const std::byte*>(host.data);
  for (size_t i = 0; i < points.size(); ++i)
    for (size_t axis = 0; axis < 3; ++axis) {
      const auto* at = first + static_cast<int64_t>(i) * host.strides[0] + static_cast<int64_t>(axis) * host.strides[1];
      points[i][axis] = host.dtype == DType::float64 ? *reinterpret_cast<const double*>(at)
                                                     : static_cast<double>(*reinterpret_cast<const float*>(at));
    }
  return points;
}

py::array_t<double> project(const View& view, py::handle points) {
  const std::vector<graphics::Vec3> from = to_points(points);
  py::array_t<double> places({static_cast<py::ssize_t>(from.size()), static_cast<py::ssize_t>(3)});
  auto to = places.mutable_unchecked<2>();
  for (size_t i = 0; i < from.size(); ++i) {
    const graphics::Vec3 place = view.project(from[i]);
    for (size_t axis = 0; axis < 3; ++axis)
      to(static_cast<py::ssize_t>(i), static_cast<py::ssize_t>(axis)) = place[axis];
  }
  return places;
}

graphics::ViewOptions look_from(py::handle eye, py::handle target, py::handle up, double fovy, double parallel_height,
                                double near, std::array<uint32_t, 2> size) {
  graphics::ViewOptions options;
  options.eye = to_vec3(eye, "eye");
  options.target = to_vec3(target, "target");
  options.up = to_vec3(up, "up");
  options.fovy_deg = fovy;
  options.parallel_height = parallel_height;
  options.near = near;
  options.width = size[0];
  options.height = size[1];
  return options;
}

View framed(py::handle box, double azimuth, double elevation, double fovy, double fill, std::array<uint32_t, 2> size) {
  if (!PySequence_Check(box.ptr()) || py::len(box) != 2)
    throw Error(ErrorCode::BAD_TYPE, "box", "its lowest and its highest corner", Py_TYPE(box.ptr())->tp_name);
  const Box bounds{to_vec3(box[py::int_(0)], "box"), to_vec3(box[py::int_(1)], "box")};
  return graphics::make_view(graphics::frame_box(bounds, {azimuth, elevation}, fovy, size[0], size[1], fill));
}

std::unique_ptr<PyStage> make_stage(py::handle width, py::handle height, uint32_t supersample, py::handle device) {
  const graphics::StageOptions options{to_extent(width, "width"), to_extent(height, "height"), supersample};
  auto opened = device_or_default(device);
  const GilRelease nogil;
  return std::make_unique<PyStage>(std::make_shared<Guarded<Stage>>(std::move(opened), options));
}

py::array_t<uint8_t> render(const PyStage& self, const py::sequence& objects, const View& view,
                            std::array<double, 2> sun, double fill, double softness,
                            const std::array<float, 4>& background, double eye_dome) {
  std::vector<std::shared_ptr<graphics::SceneObject>> shares;
  for (const auto object : objects) shares.push_back(object.cast<const PySceneObject&>().share());
  const graphics::Vec3 to_sun = graphics::towards({sun[0], sun[1]});
  const Stage& fixed = self.fixed();
  py::array_t<uint8_t> picture(
      {static_cast<py::ssize_t>(fixed.height()), static_cast<py::ssize_t>(fixed.width()), static_cast<py::ssize_t>(4)});
  uint8_t* pixels = picture.mutable_data();
  self.with(
      [&](Stage& stage) { stage.render(shares, view, {to_sun, fill, softness}, {background, eye_dome}, pixels); });
  return picture;
}

template <class T>
py::array_t<T> read(const PyStage& self, void (Stage::*layer)(T*) const) {
  const Stage& fixed = self.fixed();
  py::array_t<T> values({static_cast<py::ssize_t>(fixed.height()), static_cast<py::ssize_t>(fixed.width())});
  T* data = values.mutable_data();
  self.with([&](Stage& stage) { (stage.*layer)(data); });
  return values;
}

void bind_view(py::module_& module) {
  py::class_<View> cls(module, "View", R"(Where a picture's camera stands, and what it makes of points.

`Figure.view` gives it. World axes are a map's: x east, y north, z up.
)");
  cls.def(py::init([](py::handle eye, py::handle target, py::handle up, double fovy, double parallel_height,
                      double near, std::array<uint32_t, 2> size) {
            return graphics::make_view(look_from(eye, target, up, fovy, parallel_height, near, size));
          }),
          "eye"_a, "target"_a, "up"_a = py::make_tuple(0.0, 0.0, 1.0), py::kw_only(), "fovy"_a = 30.0,
          "parallel_height"_a = 0.0, "near"_a = 0.0, "size"_a);
  cls.def_static("framed", &framed, "box"_a, "azimuth"_a, "elevation"_a, py::kw_only(), "fovy"_a = 30.0,
                 "fill"_a = 0.85, "size"_a,
                 R"(The view that shows a whole box, as large as it fits.

Args:
    box: ((x, y, z), (x, y, z)): its lowest and highest corner, world units.
    azimuth: Where the eye stands, degrees of the compass; 180 is south, with north up.
    elevation: Degrees of the eye over the horizon; 90 looks straight down.
    fovy: Degrees from the picture's lower to its upper edge (default 30.0); 0: parallel rays.
    fill: Share of the picture's width or height that the box takes (default 0.85).
    size: (width, height) in pixels.

Raises:
    InputError: A box without points or not finite, or a number that makes no picture.
)");
  cls.def_property_readonly("eye", [](const View& v) { return to_tuple(v.options.eye); }, "World units.");
  cls.def_property_readonly("target", [](const View& v) { return to_tuple(v.options.target); }, "World units.");
  cls.def_property_readonly("right", [](const View& v) { return to_tuple(v.right); }, "Unit vector.");
  cls.def_property_readonly("up", [](const View& v) { return to_tuple(v.up); }, "Unit vector of the picture.");
  cls.def_property_readonly("forward", [](const View& v) { return to_tuple(v.forward); }, "Unit vector.");
  cls.def_property_readonly("fovy", [](const View& v) { return v.options.fovy_deg; }, "Degrees; 0: parallel rays.");
  cls.def_property_readonly(
      "parallel_height", [](const View& v) { return v.is_parallel() ? v.options.parallel_height : 0.0; },
      "World units from the lower to the upper edge, of parallel rays.");
  cls.def_property_readonly(
      "size", [](const View& v) { return py::make_tuple(v.options.width, v.options.height); }, "(width, height).");
  cls.def("project", &project, "points"_a, R"(Where points are in the picture.

Args:
    points: float64 or float32 (N, 3), world units.

Returns:
    float64 (N, 3): pixels from the picture's upper left corner (column, row; middles of pixels are at halves), and depth
    as `Figure.read("depth")` gives it: 1 near, 0 infinitely far. Points that are not in front of the eye: NaN, NaN, -1.

Raises:
    InputError: Another dtype or shape.
)");
  cls.def(
      "pixel_size", [](const View& view, py::handle point) { return view.pixel_size(to_vec3(point, "point")); },
      "point"_a, "World units that a pixel covers at a point, along the picture's axes.");
}

void bind_object(py::module_& module) {
  py::class_<PySceneObject> cls(module, "SceneObject",
                                "A thing that a `Figure` draws: the base of `Mesh`, `Points`, `Lines` and others.");
  bind_lifecycle(cls, "SceneObject");
  cls.def_property_readonly(
      "bounds",
      [](const PySceneObject& self) -> py::object {
        const auto object = self.share();
        const Box box = [&] {
          const GilRelease nogil;
          const std::lock_guard lock(object->mutex());
          return object->bounds();
        }();
        if (box.empty()) return py::none();
        return py::make_tuple(to_tuple(box.low), to_tuple(box.high));
      },
      "((x, y, z), (x, y, z)): lowest and highest corner of what is drawn, world units; None where nothing is.");
  cls.def_property_readonly(
      "device", [](const PySceneObject& self) { return PyDevice(self.share()->device()); }, "Where it lives.");
}

}  // namespace

void bind_stage(py::module_& module) {
  bind_view(module);
  bind_object(module);
  py::class_<PyStage> cls(module, "Stage", R"(The device's part of a `Figure`, which see.

Args:
    width: Pixels.
    height: Pixels.
    supersample: Samples along each side of a pixel, 1 to 8.
    device: A `Device`; None for the default one.
)");
  cls.def(py::init(&make_stage), "width"_a, "height"_a, py::kw_only(), "supersample"_a = 2, "device"_a = py::none());
  bind_lifecycle(cls, "Stage");
  bind_picture(cls);
  cls.def("render", &render, "objects"_a, "view"_a, py::kw_only(), "sun"_a, "fill"_a, "softness"_a, "background"_a,
          "eye_dome"_a = 0.0,
          R"(uint8 (height, width, 4): a picture of objects.

Args:
    objects: A sequence of `SceneObject`.
    view: A `View` of this size.
    sun: Azimuth and elevation in degrees.
    fill: Share of the light that shade keeps.
    softness: Half the angle over which shadows fade, degrees.
    background: (r, g, b, a), sRGB and straight alpha, 0 to 1.
    eye_dome: How much what lies behind its neighbours is darkened.
)");
  cls.def(
      "read_depth", [](const PyStage& self) { return read(self, &Stage::read_depth); },
      "float32 (height, width): the last picture's depths.");
  cls.def(
      "read_ids", [](const PyStage& self) { return read(self, &Stage::read_ids); },
      "uint32 (height, width): numbers of the last picture's objects, from 1; 0: none.");
}

}  // namespace forge::bind
