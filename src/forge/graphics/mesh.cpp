#include "forge/graphics/mesh.hpp"

#include "forge/graphics/srgb.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/mesh.hpp"
#include "forge_shaders/graphics/mesh_layer.hpp"
#include "forge_shaders/graphics/mesh_oriented.hpp"
#include "forge_shaders/graphics/mesh_plain.hpp"

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

// `more` follows what all have, as in shaders/include/mesh.glsl: layers, and the texture.
template <class K, class... More>
K arguments(const MeshParts& parts, const Frame& frame, More... more) {
  const SplitEye eye = split_eye(frame.view, parts.places.origin);
  const vk::BufferRef& none = parts.places.values;  // not read without its flag
  const uint32_t flags =
      (parts.normals ? kNormals : 0u) | (parts.colors ? kColors : 0u) | (parts.corners ? kTexture : 0u);
  return K{parts.places.values,
           parts.normals.value_or(none),
           parts.colors.value_or(none),
           parts.corners.value_or(none),
           eye.eye,
           eye.rest,
           linear(parts.color),
           flags,
           frame.id,
           more...,
           frame.globals};
}

vk::TextureRef texture_of(const MeshParts& parts) { return {parts.texture, vk::SamplerKind::linear_repeat}; }

template <class K, class... More>
vk::DrawCall opaque(const MeshParts& parts, const Frame& frame, const char* key, More... more) {
  const auto mesh = arguments<K>(parts, frame, more...);
  return shader::draw_call(*frame.target.device(), mesh, key + frame.target.key(), frame_state(frame));
}

// By what small triangles have to be set up for.
vk::DrawCall opaque(const MeshParts& parts, const Frame& frame) {
  if (!parts.is_oriented || !parts.normals || parts.corners)
    return opaque<k::mesh>(parts, frame, "mesh ", texture_of(parts));
  if (parts.colors) return opaque<k::mesh_oriented>(parts, frame, "mesh oriented ");
  return opaque<k::mesh_plain>(parts, frame, "mesh plain ");
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
    draws.opaque.push_back(indexed(opaque(parts_, frame), parts_));
    return draws;
  }
  const Layers::Refs layers = frame.layers.record(commands);
  const auto mesh =
      arguments<k::mesh_layer>(parts_, frame, layers.heads, layers.fragments, layers.capacity, texture_of(parts_));
  draws.transparent.push_back(
      indexed(shader::draw_call(*device(), mesh, "mesh layer " + frame.target.key(), layer_state(frame)), parts_));
  return draws;
}

}  // namespace forge::graphics
