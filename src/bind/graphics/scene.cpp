#include "forge/graphics/scene.hpp"

#include <algorithm>
#include <vector>

#include "bind/graphics/arrays.hpp"
#include "bind/graphics/colormap.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/picture.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Scene;

class PyScene : public Picture<Scene> {
 public:
  static constexpr graphics::Vec3 kSun{0.5, 0.8, 0.6};
  explicit PyScene(std::shared_ptr<Guarded<Scene>> share, const char* name = "Scene")
      : Picture(std::move(share), name) {}
};

class PySpike : public PyScene {
 public:
  static constexpr graphics::Vec3 kSun{0.5, 1, 0.3};
  explicit PySpike(std::shared_ptr<Guarded<Scene>> share) : PyScene(std::move(share), "TerrainSpike") {}
};

template <class T>
std::unique_ptr<T> make(py::handle width, py::handle height, py::handle grid, py::handle colormap, bool prefer_software,
                        py::handle device) {
  const uint32_t w = to_extent(width, "width"), h = to_extent(height, "height");
  graphics::SceneOptions options;
  options.sun = T::kSun;
  if (!grid.is_none())
    options.grid =
        static_cast<uint32_t>(std::clamp<int64_t>(to_integer(grid, "grid must be an integer"), 2, UINT32_MAX));
  options.colormap = colormap.is_none() ? graphics::colormap_lut("viridis") : to_lut(colormap);
  auto opened = device_for(prefer_software, device);
  const GilRelease nogil;
  return std::make_unique<T>(std::make_shared<Guarded<Scene>>(std::move(opened), w, h, options));
}

void set_camera(const PyScene& self, py::handle eye, py::handle target, py::handle up, double fovy_deg, double znear,
                double zfar) {
  const graphics::Pose pose{to_vec3(eye, "eye"), to_vec3(target, "target"), to_vec3(up, "up")};
  self.with([&](Scene& scene) { scene.set_camera(pose, fovy_deg, znear, zfar); });
}

void set_heights(const PyScene& self, py::handle heights) {
  constexpr const char* failed = "height must be C-contiguous float32[H,W]";
  if (!py::isinstance<py::array>(heights))
    throw Error(ErrorCode::BAD_TYPE, failed, "an ndarray", describe_value(heights));
  const auto array = py::reinterpret_borrow<py::array>(heights);
  const py::dtype dtype = array.dtype();
  if (!dtype.equal(py::dtype::of<float>()) && !dtype.equal(py::dtype::of<double>()))
    throw Error(ErrorCode::BAD_DTYPE, failed, "float32, or float64 to be cast", describe_value(heights));
  const HostArray host = check_numbers(heights, failed);
  if (host.shape.size() != 2 || element_count(host.shape) == 0)
    throw Error(ErrorCode::BAD_SHAPE, failed, "at least one row and one column", describe_value(heights));
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, failed, "C order", "strides " + to_string(host.strides),
                "pass np.ascontiguousarray(height)");
  const auto rows = static_cast<size_t>(host.shape[0]), columns = static_cast<size_t>(host.shape[1]);
  self.with([&](Scene& scene) {
    if (host.dtype == DType::float32)
      return scene.set_heights({static_cast<const float*>(host.data), rows * columns}, rows, columns);
    const auto* values = static_cast<const double*>(host.data);
    std::vector<float> cast(rows * columns);
    std::transform(values, values + cast.size(), cast.begin(), [](double h) { return static_cast<float>(h); });
    scene.set_heights(cast, rows, columns);
  });
}

py::array_t<float> uniforms(const PyScene& self) {
  constexpr size_t count = sizeof(graphics::SceneUniforms) / sizeof(float);
  const auto block = self.with([](Scene& scene) { return scene.uniforms(); });
  return py::array_t<float>(count, reinterpret_cast<const float*>(&block));  // a copy
}

constexpr const char* kSceneText = R"(A square of heights under a fixed sun, seen in perspective.

The square lies between -1.5 and 1.5 along x and z, y up. Its colours span heights from -1 to 1. Before any heights are
given a surface of two waves on a slope is drawn.

Args:
    width: Pixels, >= 1.
    height: Pixels, >= 1.
    grid: Vertices a side of the mesh, at most 4096; fewer than 2 are taken as 2, None as 128. Colour and light are worked
        out for each pixel, whatever the mesh.
    colormap: A name out of `colormap_supported()`, or an ndarray (N, 3 or 4) of uint8 or of floats from 0 to 1; None is
        "viridis".
    prefer_software: Take a CPU driver where there is one.
    device: A `Device`; None for the default one.

Raises:
    NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
    InputError: A size below 1, a grid above 4096, an unknown colormap.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> scene = vf.Scene(64, 48, colormap="magma")
    >>> y, x = np.mgrid[-1:1:65j, -1:1:65j]
    >>> scene.set_height_from_r32f(np.exp(-4 * (x**2 + y**2)).astype(np.float32))
    >>> scene.set_camera_look_at(eye=(0, 2, 4), target=(0, 0, 0))
    >>> scene.render_rgba().shape
    (48, 64, 4)
)";

constexpr const char* kSpikeText = R"(A `Scene` whose sun stands higher.

Args:
    width: Pixels, >= 1.
    height: Pixels, >= 1.
    grid: As for `Scene`.
    colormap: As for `Scene`.
    prefer_software: Take a CPU driver where there is one.
    device: A `Device`; None for the default one.

Raises:
    NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
    InputError: A size below 1, a grid above 4096, an unknown colormap.

Example:
    >>> import vulkan_forge as vf
    >>> with vf.TerrainSpike(64, 48, 32, "terrain") as spike:
    ...     spike.render_png("spike.png")
)";

template <class Class>
void bind_constructor(Class& cls, const char* name) {
  cls.def(py::init(&make<typename Class::type>), "width"_a, "height"_a, "grid"_a = 128, "colormap"_a = "viridis",
          py::kw_only(), "prefer_software"_a = false, "device"_a = py::none());
  bind_lifecycle(cls, name);
}

}  // namespace

void bind_scene(py::module_& module) {
  py::class_<PyScene> scene(module, "Scene", kSceneText);
  bind_constructor(scene, "Scene");
  bind_picture(scene);
  scene.def_property_readonly(
      "grid", [](const PyScene& self) { return self.fixed().grid(); }, "Vertices a side of the mesh.");
  scene.def("set_camera_look_at", &set_camera, "eye"_a, "target"_a, "up"_a = py::make_tuple(0, 1, 0),
            "fovy_deg"_a = 45.0, "znear"_a = 0.1, "zfar"_a = 100.0,
            R"(Looks from eye to target, instead of from (3, 2, 3) to the middle. The same checks as `camera_view_proj`.
)");
  scene.def("set_height_from_r32f", &set_heights, "height_r32f"_a,
            R"(Draws these heights, lit by their own slopes, from now on. They are copied.

Args:
    height_r32f: float32 or float64 (rows, columns), C-contiguous; row 0 is at z = -1.5, column 0 at x = -1.5. Between
        samples heights are interpolated. NaN marks holes.

Raises:
    InputError: Another type, dtype, shape or order; the former heights stay.
)");
  scene.def(
      "render_rgba", [](const PyScene& self) { return to_rgba(self, &Scene::render); },
      "uint8 (height, width, 4): the picture. Row 0 is the top.");
  scene.def(
      "render_png", [](const PyScene& self, py::handle path) { to_png(self, path, &Scene::render); }, "path"_a,
      "Writes the same picture as a PNG file.");
  scene.def("debug_uniforms_f32", &uniforms,
            R"(float32 (44,): what the shaders read.

[0:16] view and [16:32] projection, column by column; [32:35] unit vector to the sun; [35] exposure; [36] spacing;
[37] height range; [38] exaggeration; the rest is 0.
)");
  scene.def(
      "debug_lut_format",
      [](const PyScene& self) {
        const std::string_view name = graphics::name_of(self.fixed().lut_format());
        return std::string(name);
      },
      R"("Rgba8UnormSrgb", or "Rgba8Unorm" where the colormap's texture holds linear values.)");

  py::class_<PySpike, PyScene> spike(module, "TerrainSpike", kSpikeText);
  bind_constructor(spike, "TerrainSpike");  // with a lifecycle of its own: else `with` would give a bare Scene
}

}  // namespace forge::bind
