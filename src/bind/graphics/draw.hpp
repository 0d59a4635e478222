#pragma once

#include "bind/objects.hpp"
#include "forge/graphics/draw_pipeline.hpp"

// What draws are made of, on their way from Python.
namespace forge::bind {

class PyTarget : public Owner<std::shared_ptr<graphics::Target>> {
 public:
  using Owner::Owner;
  graphics::Target& get() const { return *live("Target"); }
};
class PyPipeline : public Owner<std::shared_ptr<graphics::DrawPipeline>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<graphics::DrawPipeline>& share() const { return live("Pipeline"); }
};

/// Everything but formats and vertex layout, from a `DrawState`; None: its defaults.
vk::DrawState to_draw_state(pybind11::handle state);

/// Vertices by input name: a dict of arrays, or a structured ndarray; appended to `into`.
void add_vertices(const std::shared_ptr<vk::Device>& device, pybind11::handle vertices, bool per_instance,
                  std::vector<graphics::VertexData>& into);
/// Indices below `vertices`, where they can be looked at: those of an Array are the device's.
graphics::IndexData to_indices(const std::shared_ptr<vk::Device>& device, pybind11::handle value,
                               std::optional<uint64_t> vertices, bool restart);
graphics::IndirectData to_indirect(pybind11::handle value);

/// Numbers of each attachment: a colour for all, or a dict by attachment with "depth" and "stencil". None: none.
std::optional<graphics::Clear> to_clear(const graphics::Target& target, pybind11::handle value);
/// An attachment by number or name, "depth" or "stencil".
graphics::Plane to_plane(const graphics::Target& target, pybind11::handle value);

/// `Target.draw`: draws and waits, or is captured where this thread records a graph.
void draw(const PyTarget& self, const PyPipeline& pipeline, pybind11::object vertices, pybind11::object per_instance,
          pybind11::object indices, pybind11::object indirect, pybind11::object clear, pybind11::object instances,
          pybind11::object count, pybind11::object arguments, const pybind11::kwargs& values);

}  // namespace forge::bind
