#pragma once

#include <pybind11/pybind11.h>

namespace forge::bind {

void bind_png(pybind11::module_& module);
void bind_colormap(pybind11::module_& module);
void bind_camera(pybind11::module_& module);
void bind_grid(pybind11::module_& module);
void bind_pipeline(pybind11::module_& module);
void bind_target(pybind11::module_& module);
void bind_renderer(pybind11::module_& module);
void bind_scene(pybind11::module_& module);
void bind_raster(pybind11::module_& module);
void bind_land(pybind11::module_& module);
void bind_stage(pybind11::module_& module);
void bind_mesh(pybind11::module_& module);
void bind_points(pybind11::module_& module);
void bind_lines(pybind11::module_& module);

}  // namespace forge::bind
