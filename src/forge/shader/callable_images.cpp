// Textures and samplers as arguments: is what the caller gave what the shader declares?
#include <algorithm>

#include "forge/shader/callable.hpp"

namespace forge::shader {

namespace {

vk::TextureShape shape_of(const Binding& binding) {
  if (binding.image_dims == 1) return vk::TextureShape::d1;
  if (binding.image_dims == 3) return vk::TextureShape::d3;
  return binding.image_arrayed ? vk::TextureShape::d2_array : vk::TextureShape::d2;
}

vk::TexelKind kind_of(Scalar scalar) {
  if (scalar == Scalar::i32) return vk::TexelKind::signed_integer;
  return scalar == Scalar::u32 ? vk::TexelKind::unsigned_integer : vk::TexelKind::floating;
}

// Normalised numbers are floats to a shader.
bool same_kind(vk::TexelKind given, vk::TexelKind wanted) {
  return given == wanted || (given == vk::TexelKind::normalized && wanted == vk::TexelKind::floating);
}

std::string_view word_of(vk::TexelKind kind) {
  if (kind == vk::TexelKind::signed_integer) return "signed integers";
  return kind == vk::TexelKind::unsigned_integer ? "unsigned integers" : "floats";
}

void check_stored(const Binding& binding, const vk::Texture& texture, const std::string& where) {
  const vk::TexelRow& texel = *texture.spec().texel;
  const std::string_view wanted = vk::spirv_format_name(binding.image_format);
  if (binding.image_format != 0 && binding.image_format != texel.spirv)
    throw Error(ErrorCode::BAD_DTYPE, where + " has another format than the shader says",
                wanted.empty() ? "SPIR-V image format " + std::to_string(binding.image_format) : std::string(wanted),
                std::string(texel.name),
                "declare layout(" + std::string(texel.name) + "), or make the texture of that format");
  if (!texture.can_store())
    throw Error(ErrorCode::MISSING_FEATURE, where + " is a storage image of a format that this device cannot store",
                "storage images of " + std::string(texel.name), texture.device().info().name,
                "use another format, as r32f or rgba8")
        .with("feature", "storage images of " + std::string(texel.name));
}

}  // namespace

void check_texture(const Binding& binding, const vk::Texture& texture, const std::string& where) {
  const vk::TextureSpec& spec = texture.spec();
  const vk::TextureShape wanted = shape_of(binding);
  if (spec.shape != wanted)
    throw Error(ErrorCode::BAD_SHAPE, where + " has another number of dimensions",
                std::string(name_of(wanted)) + " (" + type_text(binding) + ")", std::string(name_of(spec.shape)),
                "make it with vf.Texture(..., kind=\"" + std::string(name_of(wanted)) + "\")");
  const vk::TexelKind numbers = kind_of(binding.image_scalar);
  if (!same_kind(spec.texel->kind, numbers))
    throw Error(ErrorCode::BAD_DTYPE, where + " holds other numbers than the shader reads",
                std::string(word_of(numbers)) + " (" + type_text(binding) + ")",
                std::string(word_of(spec.texel->kind)) + " (" + std::string(spec.texel->name) + ")",
                "declare a sampler2D, isampler2D or usampler2D (or image) that fits");
  if (binding.kind == BindingKind::storage_image) check_stored(binding, texture, where);
}

void Callable::bind_texture(const Parameter& parameter, Element element, const TextureArgument& argument,
                            BoundArguments& call) const {
  const std::string where = this->where(parameter, element);
  const Binding* binding = is_image(parameter) ? &reflection().bindings[parameter.index] : nullptr;
  const bool wants_sampler = binding && binding->kind == BindingKind::sampler;
  if (!binding || (!argument.texture && !wants_sampler))
    throw Error(ErrorCode::BAD_TYPE, where, element_text(parameter), argument.texture ? "a Texture" : "a Sampler",
                binding ? "give a vf.Texture" : "give an array, or read it as a sampler2D or image2D");
  vk::DescriptorWrite write{.set = binding->set,
                            .binding = binding->binding,
                            .element = element.value_or(0),
                            .type = descriptor_type(binding->kind),
                            .resource = vk::TextureRef(nullptr, argument.sampler)};
  if (wants_sampler) {
    call.descriptors.push_back(std::move(write));
    return;
  }
  const vk::Texture& texture = *argument.texture;
  if (&texture.device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, where,
                "a texture on the " + std::string(word_) + "'s device (" + device_->info().name + ")",
                "one on " + texture.device().info().name, "make both on the same vf.Device");
  check_texture(*binding, texture, where);
  const bool stored = binding->kind == BindingKind::storage_image;
  write.resource = texture.ref();
  if (stored) write.layout = VK_IMAGE_LAYOUT_GENERAL;
  touch_image(parameter, texture.ref().image, where, call);
  call.descriptors.push_back(std::move(write));
}

void Callable::touch_image(const Parameter& parameter, const std::shared_ptr<vk::Image>& image,
                           const std::string& where, BoundArguments& call) const {
  const Binding& binding = reflection().bindings[parameter.index];
  const bool stored = binding.kind == BindingKind::storage_image;
  for (const vk::Usage usage :
       stored ? usages_of(parameter.stages, binding.access) : sampled_usages(parameter.stages)) {
    for (const vk::ImageTouch& other : call.images)
      if (other.image == image && usage_row(other.usage).layout != usage_row(usage).layout)
        throw Error(ErrorCode::INVALID_ARGUMENT, where + " is bound twice, sampled and as a storage image",
                    "one of the two in a call", "both", "give a second texture, or read it by imageLoad too");
    call.images.push_back({image, usage});
  }
}

}  // namespace forge::shader
