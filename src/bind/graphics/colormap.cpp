#include "forge/graphics/colormap.hpp"

#include "bind/graphics/graphics.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

py::list colormap_supported() {
  py::list names;
  for (std::string_view name : graphics::colormap_names()) names.append(py::str(name.data(), name.size()));
  return names;
}

}  // namespace

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
