#pragma once

#include <array>
#include <memory>
#include <optional>

#include "forge/graphics/places.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

/// What a mesh is made of; all on its device. Colours are sRGB with straight alpha.
struct MeshParts {
  Places places;        // the box is around corners of faces
  vk::BufferRef faces;  // uint32 (face_count, 3), each below places.count
  uint64_t face_count = 0;
  std::optional<vk::BufferRef> normals = {};   // float32 (vertices, 3); absent: each triangle is flat
  bool is_oriented = false;                    // corners of each face go counter-clockwise where its normals look
  std::optional<vk::BufferRef> colors = {};    // four bytes a vertex
  std::optional<vk::BufferRef> corners = {};   // float32 (vertices, 2), with a texture
  std::shared_ptr<vk::Image> texture = nullptr;
  std::array<float, 4> color{1, 1, 1, 1};
  bool is_transparent = false;            // anywhere
};

/// A triangle mesh with two sides, lit by the picture's light.
class Mesh : public SceneObject {
 public:
  Mesh(std::shared_ptr<vk::Device> device, MeshParts parts);

  const MeshParts& parts() const { return parts_; }
  Box bounds() const override { return parts_.places.box; }
  FrameDraws record(vk::Commands& commands, const Frame& frame) override;

 private:
  MeshParts parts_;
};

}  // namespace forge::graphics
