#include "forge/graphics/mesh.hpp"

#include "forge/graphics/srgb.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/mesh.hpp"
#include "forge_shaders/graphics/mesh_layer.hpp"

namespace forge::graphics {

namespace {

// As shaders/include/mesh.glsl has them.
enum Flags : uint32_t { kNormals = 1, kColors = 2, kTexture = 4 };

// What a mesh without a texture is drawn with.
std::shared_ptr<vk::Image> white(const std::shared_ptr<vk::Device>& device) {
  vk::ImageSpec spec;
  spec.format = VK_FORMAT_R8G8B8A8_UNORM;
  spec.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  spec.label = "mesh without texture";
  auto image = vk::Image::create(device, spec);
  const auto texel = vk::Buffer::create(device, 4, vk::Memory::upload, "white");
  const uint32_t bytes = 0xFFFFFFFF;
  vk::upload(vk::BufferRef(texel), &bytes);
  vk::Commands commands(device);
  commands.upload_image(texel, image, {0, 0, 1, 1});
  commands.submit();
  return image;
}

// `layers` come between what both shaders have and the texture, as in shaders/include/mesh.glsl.
template <class K, class... Rest>
K arguments(const MeshParts& parts, const Frame& frame, Rest... layers) {
  const SplitEye eye = split_eye(frame.view, parts.places.origin);
  const vk::BufferRef& none = parts.places.values;  // not read without its flag
  const uint32_t flags =
      (parts.normals ? kNormals : 0u) | (parts.colors ? kColors : 0u) | (parts.corners ? kTexture : 0u);
  return K{frame.globals,
           parts.places.values,
           parts.normals.value_or(none),
           parts.colors.value_or(none),
           parts.corners.value_or(none),
           eye.eye,
           eye.rest,
           linear(parts.color),
           flags,
           frame.id,
           layers...,
           {parts.texture, vk::SamplerKind::linear_repeat}};
}

vk::DrawCall indexed(vk::DrawCall&& call, const MeshParts& parts) {
  call.indices = parts.faces;
  call.count = static_cast<uint32_t>(3 * parts.face_count);
  return std::move(call);
}

}  // namespace

Mesh::Mesh(std::shared_ptr<vk::Device> device, MeshParts parts)
    : SceneObject(std::move(device)), parts_(std::move(parts)) {
  if (!parts_.texture) parts_.texture = white(this->device());
}

FrameDraws Mesh::record(vk::Commands& commands, const Frame& frame) {
  FrameDraws draws;
  if (parts_.face_count == 0) return draws;
  if (!parts_.is_transparent) {
    const auto mesh = arguments<k::mesh>(parts_, frame);
    draws.opaque.push_back(
        indexed(shader::draw_call(*device(), mesh, "mesh " + frame.target.key(), frame_state(frame)), parts_));
    return draws;
  }
  const Layers::Refs layers = frame.layers.record(commands);
  const auto mesh = arguments<k::mesh_layer>(parts_, frame, layers.heads, layers.fragments, layers.capacity);
  draws.transparent.push_back(
      indexed(shader::draw_call(*device(), mesh, "mesh layer " + frame.target.key(), layer_state(frame)), parts_));
  return draws;
}

}  // namespace forge::graphics
