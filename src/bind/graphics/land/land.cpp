// Land: what `vulkan_forge.graphics.Terrain` is made of, which checks what users give.
#include "forge/graphics/land/land.hpp"

#include <pybind11/stl.h>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/scene_object.hpp"
#include "bind/ndarray.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Land;
using graphics::LandStyle;

class PyLand : public PySceneObject {
 public:
  explicit PyLand(const std::shared_ptr<Land>& land) : PySceneObject(land), land_(land) {}
  std::shared_ptr<Land> land() const {  // a share: others may close it while the GIL is released
    share();                            // refuses what was closed
    return land_.lock();
  }

 private:
  std::weak_ptr<Land> land_;
};

graphics::Relief to_relief(const py::array& heights, std::array<double, 2> cell, std::array<double, 2> corner,
                           float nodata) {
  const HostArray host = check_numbers(heights, "heights");
  if (host.dtype != DType::float32)
    throw Error(ErrorCode::BAD_DTYPE, "heights", "float32", std::string(name_of(host.dtype)));
  if (host.shape.size() != 2 || host.shape[0] < 1 || host.shape[1] < 1 || host.shape[0] > INT32_MAX ||
      host.shape[1] > INT32_MAX)
    throw Error(ErrorCode::BAD_SHAPE, "heights", "at least one row and one column", describe_value(heights));
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, "heights", "C order", "strides " + to_string(host.strides),
                "pass np.ascontiguousarray(heights)");
  graphics::Relief relief;
  relief.heights = static_cast<const float*>(host.data);
  relief.rows = static_cast<uint32_t>(host.shape[0]);
  relief.columns = static_cast<uint32_t>(host.shape[1]);
  relief.cell_x = cell[0];
  relief.cell_y = cell[1];
  relief.west = corner[0];
  relief.north = corner[1];
  relief.nodata = nodata;
  relief.keepalive = keep_python(heights);
  return relief;
}

std::unique_ptr<PyLand> make(const py::array& heights, std::array<double, 2> cell, std::array<double, 2> corner,
                             float nodata, py::handle device) {
  auto opened = device_or_default(device);
  graphics::Relief relief = to_relief(heights, cell, corner, nodata);
  const GilRelease nogil;
  return std::make_unique<PyLand>(std::make_shared<Land>(std::move(opened), std::move(relief)));
}

std::shared_ptr<vk::Image> to_image(const std::shared_ptr<vk::Device>& device, const py::array& pixels) {
  const HostArray host = check_numbers(pixels, "drape");
  if (host.dtype != DType::uint8 || host.shape.size() != 3 || host.shape[2] != 4 || !host.contiguous() ||
      element_count(host.shape) == 0)
    throw Error(ErrorCode::BAD_SHAPE, "drape", "uint8 (height, width, 4)", describe_value(pixels));
  const uint64_t most = device->limits().max_image_2d;
  if (static_cast<uint64_t>(std::max(host.shape[0], host.shape[1])) > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the drape is larger than images of " + device->info().name,
                "at most " + std::to_string(most) + " pixels a side", to_string(host.shape), "take every second pixel")
        .with("limit", std::to_string(most));
  vk::ImageSpec spec;
  spec.height = static_cast<uint32_t>(host.shape[0]);
  spec.width = static_cast<uint32_t>(host.shape[1]);
  spec.label = "drape";
  const GilRelease nogil;
  auto image = vk::Image::create(device, spec);
  auto staging =
      vk::Buffer::create(device, static_cast<uint64_t>(element_count(host.shape)), vk::Memory::upload, "drape");
  vk::upload(vk::BufferRef(staging), host.data);
  vk::Commands commands(device);
  commands.upload_image(staging, image, vk::whole(*image));
  device->wait(commands.submit());
  return image;
}

graphics::Shadows to_shadows(const std::string& word) {
  if (word == "soft") return graphics::Shadows::soft;
  return word == "hard" ? graphics::Shadows::hard : graphics::Shadows::none;
}

// Every option of TerrainStyle, in the terms of the device's side.
void set_style(const PyLand& self, const py::dict& options) {
  LandStyle style;
  const auto put = [&]<class T>(const char* name, T& into) { into = options[name].cast<T>(); };
  put("exaggeration", style.exaggeration);
  put("color_low", style.color_low);
  put("color_high", style.color_high);
  put("colors", style.colors);
  style.shading.shadows = to_shadows(options["shadows"].cast<std::string>());
  put("sky", style.shading.sky);
  put("sky_strength", style.shading.sky_strength);
  put("highlight", style.highlight);
  put("water", style.water);
  put("shallow", style.shallow);
  put("deep", style.deep);
  put("water_depth", style.water_depth);
  put("contour_interval", style.contours.interval);
  put("contour_start", style.contours.start);
  put("contour_major", style.contours.major);
  put("contour_width", style.contours.width);
  put("contour_color", style.contours.color);
  put("base", style.base);
  put("walls", style.walls);
  put("stone", style.stone);
  put("ground", style.ground);
  const std::shared_ptr<Land> land = self.land();
  const GilRelease nogil;
  const std::lock_guard lock(land->mutex());
  style.drape = land->style().drape;
  land->set_style(style);
}

void set_drape(const PyLand& self, const std::optional<py::array>& pixels, std::array<double, 4> place,
               double opacity) {
  const std::shared_ptr<Land> land = self.land();
  graphics::LandDrape drape;
  if (pixels) drape = {to_image(land->device(), *pixels), place[0], place[1], place[2], place[3], opacity};
  const GilRelease nogil;
  const std::lock_guard lock(land->mutex());
  LandStyle style = land->style();
  style.drape = std::move(drape);
  land->set_style(style);
}

py::dict summary(const PyLand& self) {
  const std::shared_ptr<Land> land = self.land();
  const graphics::ReliefSummary s = land->summary();
  return py::dict("low"_a = s.low, "high"_a = s.high, "typical_low"_a = s.typical_low,
                  "typical_high"_a = s.typical_high, "counted"_a = s.counted,
                  "natural_exaggeration"_a = graphics::natural_exaggeration(land->relief(), s));
}

template <class T>
py::array_t<T> to_numpy(const std::vector<T>& values, const graphics::View& view) {
  py::array_t<T> array({static_cast<py::ssize_t>(view.options.height), static_cast<py::ssize_t>(view.options.width),
                        static_cast<py::ssize_t>(3)});
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

py::tuple layers(const PyLand& self, const graphics::View& view) {
  const std::shared_ptr<Land> land = self.land();
  Land::Layers layers;
  {
    const GilRelease nogil;
    const std::lock_guard lock(land->mutex());
    layers = land->layers(view);
  }
  return py::make_tuple(to_numpy(layers.normals, view), to_numpy(layers.places, view));
}

}  // namespace

void bind_land(py::module_& module) {
  py::class_<PyLand, PySceneObject> cls(module, "Land", R"(The device's part of a `Terrain`, which see.

Args:
    heights: float32 (rows, columns), C-contiguous, row 0 north. Kept, not copied.
    cell: World units from column to column and from row to row.
    corner: World coordinates of the outer corner in the northwest.
    nodata: The height of holes, beside what is not finite.
    device: A `Device`; None for the default one.
)");
  cls.def(py::init(&make), "heights"_a, py::kw_only(), "cell"_a, "corner"_a, "nodata"_a, "device"_a = py::none());
  cls.def("set_style", &set_style, "options"_a, "Every option of a `TerrainStyle`, in numbers.");
  cls.def("set_drape", &set_drape, "pixels"_a, py::kw_only(), "place"_a, "opacity"_a,
          R"(An image on the surface.

Args:
    pixels: uint8 (height, width, 4), sRGB and straight alpha; None: none.
    place: West, north, width and depth in world units.
    opacity: 0 to 1.
)");
  cls.def("summary", &summary, "Lowest and highest, typical ones, how many count, and how they are exaggerated.");
  cls.def(
      "layers", &layers, "view"_a,
      "float32 unit normals and float64 places, both (height, width, 3) in world axes; NaN where there is no land.");
}

}  // namespace forge::bind
