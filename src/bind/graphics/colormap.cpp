#include "bind/graphics/colormap.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "bind/graphics/graphics.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

py::list colormap_supported() {
  py::list names;
  for (std::string_view name : graphics::colormap_names()) names.append(py::str(name.data(), name.size()));
  return names;
}

}  // namespace

graphics::Lut to_lut(py::handle colormap) {
  if (py::isinstance<py::str>(colormap)) return graphics::colormap_lut(colormap.cast<std::string>());
  constexpr const char* failed = "a colormap";
  const HostArray host = check_numbers(colormap, failed);
  const bool bytes = host.dtype == DType::uint8;
  const bool fits = host.shape.size() == 2 && host.shape[0] >= 2 && (host.shape[1] == 3 || host.shape[1] == 4);
  if (!fits || (!bytes && dtype_row(host.dtype).kind != 'f'))
    throw Error(ErrorCode::BAD_SHAPE, failed, "a name, or uint8 or float (N >= 2, 3 or 4)", describe_value(colormap));
  const py::module_ numpy = py::module_::import("numpy");
  const py::object colors =
      numpy.attr("asarray")(colormap, "dtype"_a = "float64") * py::float_(bytes ? 1.0 / 255 : 1.0);
  const auto values = py::array_t<double, py::array::c_style | py::array::forcecast>(colors);
  graphics::Lut lut{};
  for (size_t i = 0; i < lut.size(); ++i) {
    const double at = static_cast<double>(i) / 255.0 * static_cast<double>(host.shape[0] - 1);
    const auto row = static_cast<py::ssize_t>(std::min(at, static_cast<double>(host.shape[0] - 2)));
    lut[i][3] = 255;
    for (py::ssize_t k = 0; k < 3; ++k) {
      const double part = at - static_cast<double>(row);
      const double value = values.at(row, k) * (1 - part) + values.at(row + 1, k) * part;
      if (!(value >= 0 && value <= 1))
        throw Error(ErrorCode::INVALID_ARGUMENT, "a colormap's colours", "0 to 1 (float) or 0 to 255 (uint8)",
                    std::to_string(value));
      lut[i][static_cast<size_t>(k)] = static_cast<uint8_t>(std::lround(value * 255));
    }
  }
  return lut;
}

void bind_colormap(py::module_& module) {
  module.def("colormap_supported", &colormap_supported, R"doc(List the names of the colormaps.

Returns:
    A new list of str.

Example:
    >>> vulkan_forge.colormap_supported()
    ['viridis', 'magma', 'terrain']
)doc");
}

}  // namespace forge::bind
