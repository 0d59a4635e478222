#include "forge/graphics/renderer.hpp"

#include <pybind11/stl.h>

#include <cmath>

#include "bind/graphics/arrays.hpp"
#include "bind/graphics/colormap.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/picture.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::HeightField;
using graphics::Renderer;

class PyRenderer : public Picture<Renderer> {
 public:
  explicit PyRenderer(std::shared_ptr<Guarded<Renderer>> share) : Picture(std::move(share), "Renderer") {}
};

std::unique_ptr<PyRenderer> make(py::handle width, py::handle height, bool prefer_software, py::handle device) {
  const uint32_t w = to_extent(width, "width"), h = to_extent(height, "height");
  auto opened = device_for(prefer_software, device);
  const GilRelease nogil;
  return std::make_unique<PyRenderer>(std::make_shared<Guarded<Renderer>>(std::move(opened), w, h));
}

constexpr const char* kHeightmap = "heightmap must be a 2-D NumPy array of dtype float32 or float64";

HeightField to_field(py::handle heightmap, double exaggeration) {
  if (!py::isinstance<py::array>(heightmap))
    throw Error(ErrorCode::BAD_TYPE, kHeightmap, "(rows, columns)", describe_value(heightmap));
  const auto array = py::reinterpret_borrow<py::array>(heightmap);
  const py::dtype dtype = array.dtype();
  const bool known = array.ndim() == 2 && (dtype.equal(py::dtype::of<float>()) || dtype.equal(py::dtype::of<double>()));
  if (!known) throw Error(ErrorCode::BAD_DTYPE, kHeightmap, "(rows, columns), C-contiguous", describe_value(heightmap));
  const HostArray host = check_numbers(heightmap, "heightmap");
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, std::string(kHeightmap) + " that is C-contiguous", "C order",
                "strides " + to_string(host.strides), "pass np.ascontiguousarray(heightmap)");
  const auto rows = static_cast<size_t>(host.shape[0]), columns = static_cast<size_t>(host.shape[1]);
  const GilRelease nogil;
  if (host.dtype == DType::float32)
    return {std::span(static_cast<const float*>(host.data), rows * columns), rows, columns, exaggeration};
  return {std::span(static_cast<const double*>(host.data), rows * columns), rows, columns, exaggeration};
}

void add_terrain(const PyRenderer& self, py::handle heightmap, py::handle spacing, double exaggeration,
                 py::handle colormap) {
  const std::vector<double> cell = to_numbers(spacing, 2, "spacing must be two numbers (dx, dy)");
  graphics::check_spacing(cell[0], cell[1]);
  graphics::check_exaggeration(exaggeration);
  HeightField field = to_field(heightmap, exaggeration);
  const graphics::Lut colors = to_lut(colormap);
  self.with([&](Renderer& renderer) { renderer.add_terrain(std::move(field), cell[0], cell[1], colors); });
}

py::tuple terrain_stats(const PyRenderer& self) {
  const graphics::HeightStats stats = self.with([](Renderer& renderer) { return renderer.field().statistics(); });
  return py::make_tuple(stats.min, stats.max, stats.mean, stats.std);
}

void normalize_terrain(const PyRenderer& self, const std::string& mode, py::object range, py::object eps) {
  std::vector<double> ends{0, 1};
  if (!range.is_none()) ends = to_numbers(range, 2, "range must be two numbers (low, high)");
  const double least = eps.is_none() ? 1e-8 : to_real(eps, "eps must be a number");
  self.with([&](Renderer& renderer) {
    renderer.field().normalize(mode, ends[0], ends[1], least);
    renderer.changed();
  });
}

using Extent = std::pair<size_t, size_t>;  // rows, columns

Extent extent_of(const PyRenderer& self) {
  return self.with([](Renderer& renderer) { return Extent{renderer.field().rows(), renderer.field().columns()}; });
}

py::array_t<float> read_texture(const PyRenderer& self) {
  const Extent extent = extent_of(self);
  py::array_t<float> heights({static_cast<py::ssize_t>(extent.first), static_cast<py::ssize_t>(extent.second)});
  const std::span<float> to(heights.mutable_data(), extent.first * extent.second);
  self.with([&](Renderer& renderer) {
    if (renderer.field().values().size() != to.size())
      throw Error(ErrorCode::WRONG_STATE, "the terrain was replaced by another thread while it was read");
    renderer.read_height_texture(to.data());
  });
  return heights;
}

py::object read_patch(const PyRenderer& self, py::handle x, py::handle y, py::handle w, py::handle h) {
  const auto integer = [](py::handle value) { return to_integer(value, "patch must be given as integers"); };
  const graphics::Patch patch{integer(x), integer(y), integer(w), integer(h)};
  const Extent extent = extent_of(self);
  graphics::check_patch(patch, extent.first, extent.second);
  const py::array_t<float> full = read_texture(self);
  const py::slice rows(patch.y, patch.y + patch.h, 1), columns(patch.x, patch.x + patch.w, 1);
  return full[py::make_tuple(rows, columns)].attr("copy")();
}

void set_sun(const PyRenderer& self, double elevation_deg, double azimuth_deg) {
  if (!std::isfinite(elevation_deg) || !std::isfinite(azimuth_deg))
    throw Error(ErrorCode::INVALID_ARGUMENT, "angles must be finite", "degrees",
                std::to_string(elevation_deg) + ", " + std::to_string(azimuth_deg));
  self.with([&](Renderer& renderer) { renderer.style().sun = {elevation_deg, azimuth_deg}; });
}

void set_exposure(const PyRenderer& self, double exposure) {
  if (!std::isfinite(exposure) || exposure <= 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "exposure must be > 0", "a finite number", std::to_string(exposure));
  self.with([&](Renderer& renderer) { renderer.style().exposure = exposure; });
}

void set_style(const PyRenderer& self, std::optional<bool> shadows, std::optional<bool> sky, std::optional<bool> walls,
               std::optional<double> ambient, std::optional<std::string> tone,
               std::optional<std::array<float, 4>> background) {
  if (ambient && !(*ambient >= 0 && *ambient <= 1))
    throw Error(ErrorCode::INVALID_ARGUMENT, "ambient must be a share of the light", "0 to 1",
                std::to_string(*ambient));
  if (tone && *tone != "none" && *tone != "reinhard")
    throw Error(ErrorCode::INVALID_ARGUMENT, "unknown tone curve", "'none' or 'reinhard'", *tone);
  self.with([&](Renderer& renderer) {
    graphics::TerrainStyle& style = renderer.style();
    style.cast_shadows = shadows.value_or(style.cast_shadows);
    style.sky = sky.value_or(style.sky);
    style.walls = walls.value_or(style.walls);
    style.ambient = ambient.value_or(style.ambient);
    if (tone) style.tone = *tone == "reinhard" ? graphics::Tone::reinhard : graphics::Tone::none;
    if (background) renderer.set_background(*background);
  });
}

void set_camera(const PyRenderer& self, py::handle eye, py::handle target, py::handle up, double fovy_deg, double znear,
                double zfar) {
  const graphics::Pose pose{to_vec3(eye, "eye"), to_vec3(target, "target"), to_vec3(up, "up")};
  const double aspect = static_cast<double>(self.fixed().width()) / self.fixed().height();
  self.with([&](Renderer& renderer) { renderer.set_camera(pose, {fovy_deg, aspect, znear, zfar, "wgpu"}); });
}

void bind_terrain(py::class_<PyRenderer>& cls) {
  cls.def("add_terrain", &add_terrain, "heightmap"_a, "spacing"_a, "exaggeration"_a = 1.0, "colormap"_a = "viridis",
          R"(Sets the terrain to draw. Replaces the former one, its texture and its colour range.

Args:
    heightmap: float32 or float64 (rows, columns), C-contiguous; row 0 is north. A copy is kept. NaN marks holes.
    spacing: (dx, dy), world units from column to column and from row to row.
    exaggeration: Factor on the heights as they are stored.
    colormap: A name out of `colormap_supported()`, or an ndarray (N, 3 or 4) of uint8 or of floats from 0 to 1.

Raises:
    InputError: A bad size, dtype, order, spacing, exaggeration or name; the message says which.
)");
  cls.def("terrain_stats", &terrain_stats,
          "(min, max, mean, population std) of the stored heights; holes do not count.");
  cls.def("normalize_terrain", &normalize_terrain, "mode"_a, "range"_a = py::none(), "eps"_a = 1e-8,
          R"(Changes the stored heights in place; the height texture stays as it is until the next upload.

Args:
    mode: "minmax" maps to `range`, a flat field to its lower end; "zscore" gives mean 0 and deviation 1. Any case.
    range: (low, high) of "minmax"; None is (0, 1).
    eps: Least divisor; None is 1e-8.
)");
  cls.def(
      "set_height_range",
      [](const PyRenderer& self, double min, double max) {
        graphics::checked_range(min, max);  // bad values are refused before the terrain is asked for
        self.with([&](Renderer& renderer) { renderer.field().set_range(min, max); });
      },
      "min"_a, "max"_a, "Heights of the first and last colour, instead of the 1st and 99th percentile.");
  cls.def(
      "upload_height_r32f",
      [](const PyRenderer& self) { self.with([](Renderer& renderer) { renderer.upload_height_texture(); }); },
      "Copies the stored heights into the height texture.");
  cls.def(
      "read_full_height_texture", [](const PyRenderer& self) { return read_texture(self); },
      "float32 (rows, columns): the heights as last uploaded, bit for bit; zeros before any upload.");
  cls.def("debug_read_height_patch", &read_patch, "x"_a, "y"_a, "w"_a, "h"_a,
          "float32 (h, w): rows y to y+h and columns x to x+w of the height texture.");
  cls.def("set_sun", &set_sun, "elevation_deg"_a, "azimuth_deg"_a,
          "Where the sun stands: degrees above the horizon, and clockwise from north.");
  cls.def("set_exposure", &set_exposure, "exposure"_a, "Factor on the light before it is encoded; 1 by default.");
  cls.def("set_camera_look_at", &set_camera, "eye"_a, "target"_a, "up"_a = py::make_tuple(0, 1, 0), "fovy_deg"_a = 30.0,
          "znear"_a = 0.1, "zfar"_a = 1e6,
          R"(Looks from eye to target; world units, x east, y up, z south, the terrain's middle at x = z = 0.

Without it the camera frames all of the terrain from the south. The same checks as `camera_view_proj`.
)");
  cls.def("set_style", &set_style, py::kw_only(), "shadows"_a = py::none(), "sky"_a = py::none(),
          "walls"_a = py::none(), "ambient"_a = py::none(), "tone"_a = py::none(), "background"_a = py::none(),
          R"(How the terrain looks; None leaves a setting as it is.

Args:
    shadows: Cast shadows of the sun, soft at their edges (default True).
    sky: Darker where the horizon stands high (default True).
    walls: Sides and foot of the block (default True).
    ambient: Share of the light that comes from the sky, 0 to 1 (default 0.25).
    tone: "none" (colours as in the legend, default) or "reinhard".
    background: Linear (r, g, b, a).
)");
}

}  // namespace

void bind_renderer(py::module_& module) {
  py::class_<PyRenderer> cls(module, "Renderer", R"(Pictures of one size, rendered without a screen.

Args:
    width: Pixels, >= 1.
    height: Pixels, >= 1.
    prefer_software: Take a CPU driver where there is one.
    device: A `Device`; None for the default one.

Raises:
    NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
    InputError: A size below 1.

Example:
    >>> import vulkan_forge as vf
    >>> renderer = vf.Renderer(64, 48)
    >>> renderer.render_triangle_rgba().shape
    (48, 64, 4)
)");
  cls.def(py::init(&make), "width"_a, "height"_a, py::kw_only(), "prefer_software"_a = false, "device"_a = py::none());
  bind_lifecycle(cls, "Renderer");
  cls.def("info", [](const PyRenderer& self) { return self.fixed().info(); }, "Size and pixel format as text.");
  bind_picture(cls);
  cls.def(
      "render_triangle_rgba", [](const PyRenderer& self) { return to_rgba(self, &Renderer::render_triangle); },
      "uint8 (height, width, 4): the reference triangle on white. Row 0 is the top.");
  cls.def(
      "render_triangle_png",
      [](const PyRenderer& self, py::handle path) { to_png(self, path, &Renderer::render_triangle); }, "path"_a,
      "Writes the same picture as a PNG file.");
  bind_terrain(cls);
  cls.def(
      "render_rgba", [](const PyRenderer& self) { return to_rgba(self, &Renderer::render_terrain); },
      "uint8 (height, width, 4): the terrain, lit by the sun. Row 0 is the top.");
  cls.def(
      "render_png", [](const PyRenderer& self, py::handle path) { to_png(self, path, &Renderer::render_terrain); },
      "path"_a, "Writes the same picture as a PNG file.");
}

}  // namespace forge::bind
