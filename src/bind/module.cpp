#include <pybind11/pybind11.h>

#include "bind/array/array.hpp"
#include "bind/array/ops/operands.hpp"
#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/lettering/painted.hpp"
#include "bind/infer/infer.hpp"
#include "bind/refusals.hpp"
#include "bind/shader/graph.hpp"
#include "bind/shader/kernel.hpp"
#include "bind/testing.hpp"
#include "bind/vk/vk.hpp"

PYBIND11_MODULE(_vulkan_forge, module) {
  using namespace forge::bind;
  module.doc() = "The native part of vulkan_forge.";
  module.attr("__version__") = FORGE_VERSION;
  GilRelease::install();
  bind_errors(module);
  bind_device(module);
  bind_event(module);
  bind_profile(module);
  bind_array(module);
  bind_copy(module);
  bind_host_replay(module);
  bind_elementwise(module);
  bind_views(module);
  bind_buffer(module);
  bind_matmul(module);
  bind_fft(module);
  bind_texture(module);
  bind_moves(module);
  bind_random(module);
  bind_tuning(module);
  bind_reduce(module);
  bind_scan(module);
  bind_compact(module);
  bind_gather(module);
  bind_sort(module);
  bind_histogram(module);
  bind_segmented_reduce(module);
  bind_kernel(module);
  bind_recorder(module);
  bind_graph(module);
  bind_png(module);
  bind_colormap(module);
  bind_camera(module);
  bind_grid(module);
  bind_renderer(module);
  bind_scene(module);
  bind_pipeline(module);
  bind_target(module);
  bind_raster(module);
  bind_font(module);
  bind_paint(module);
  bind_stage(module);
  bind_land(module);
  bind_mesh(module);
  bind_points(module);
  bind_lines(module);
  bind_llm(module);
  bind_onnx(module);
  bind_testing(module);
  bind_llm_testing(module);
  bind_refusals(module);
}
