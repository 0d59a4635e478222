#include "forge/vk/texture.hpp"

#include <cstring>

#include "forge/vk/commands.hpp"

namespace forge::vk {

std::string_view name_of(TextureShape shape) {
  constexpr std::string_view names[] = {"1d", "2d", "3d", "2d_array"};
  return names[static_cast<size_t>(shape)];
}

bool is_linear(SamplerKind sampler) { return static_cast<unsigned>(sampler) % 2 == 1; }

bool samples_pixels(SamplerKind sampler) {
  return sampler == SamplerKind::nearest_pixels || sampler == SamplerKind::linear_pixels;
}

void check_filter(const Device& device, const TexelRow& texel, SamplerKind sampler) {
  if (!is_linear(sampler)) return;
  const std::string name(texel.name);
  if (texel.is_integer())
    throw Error(ErrorCode::INVALID_ARGUMENT, "filter=\"linear\" of a texture of integers", "a format that can be mixed",
                name, "use filter=\"nearest\"");
  if (!format_supported(device, texel.format, VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT))
    throw Error(ErrorCode::MISSING_FEATURE, "this device does not filter textures of format " + name,
                "linear filtering of " + name, device.info().name,
                "use filter=\"nearest\" and mix in the shader, or a format of 16 or 8 bits")
        .with("feature", "linear filtering of " + name);
}

namespace {

// What the device must do with every texture, and what it may do besides.
VkImageUsageFlags usage_of(const Device& device, const TexelRow& texel) {
  constexpr VkFormatFeatureFlags needed =
      VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT | VK_FORMAT_FEATURE_TRANSFER_SRC_BIT | VK_FORMAT_FEATURE_TRANSFER_DST_BIT;
  if (!format_supported(device, texel.format, needed))
    throw Error(ErrorCode::MISSING_FEATURE, "this device has no textures of format " + std::string(texel.name),
                std::string(texel.name), device.info().name, "use another format")
        .with("feature", std::string(texel.name));
  VkImageUsageFlags usage =
      VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  if (texel.spirv && format_supported(device, texel.format, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT))
    usage |= VK_IMAGE_USAGE_STORAGE_BIT;
  return usage;
}

void check_extent(const Device& device, const TextureSpec& spec) {
  const Limits& limits = device.limits();
  const uint64_t flat = spec.shape == TextureShape::d1   ? limits.max_image_1d
                        : spec.shape == TextureShape::d3 ? limits.max_image_3d
                                                         : limits.max_image_2d;
  const uint64_t most[] = {flat, spec.shape == TextureShape::d1 ? 1 : flat,
                           spec.shape == TextureShape::d3         ? flat
                           : spec.shape == TextureShape::d2_array ? limits.max_image_layers
                                                                  : 1};
  constexpr const char* axes[] = {"width", "height", "depth"};
  for (size_t axis = 0; axis < 3; ++axis) {
    if (spec.extent[axis] == 0)
      throw Error(ErrorCode::BAD_SHAPE, "a texture has no texels", "extents of at least 1",
                  std::string(axes[axis]) + " 0");
    if (spec.extent[axis] > most[axis])
      throw Error(ErrorCode::LIMIT_EXCEEDED, "a texture cannot be this large on " + device.info().name,
                  std::string(axes[axis]) + " of at most " + std::to_string(most[axis]),
                  std::to_string(spec.extent[axis]), "cut it into tiles, or use a buffer")
          .with("limit", std::to_string(most[axis]));
  }
}

}  // namespace

std::shared_ptr<Texture> Texture::create(std::shared_ptr<Device> device, const TextureSpec& spec) {
  check_extent(*device, spec);
  check_filter(*device, *spec.texel, spec.sampler);
  if (samples_pixels(spec.sampler) && spec.shape != TextureShape::d1 && spec.shape != TextureShape::d2)
    throw Error(ErrorCode::INVALID_ARGUMENT, "normalized=False of a " + std::string(name_of(spec.shape)) + " texture",
                "a 1d or 2d one", {}, "use coordinates from 0 to 1");
  ImageSpec image;
  image.format = spec.texel->format;
  image.dims = spec.shape == TextureShape::d1 ? 1 : spec.shape == TextureShape::d3 ? 3 : 2;
  image.width = static_cast<uint32_t>(spec.extent[0]);
  image.height = static_cast<uint32_t>(spec.extent[1]);
  image.arrayed = spec.shape == TextureShape::d2_array;
  (image.arrayed ? image.layers : image.depth) = static_cast<uint32_t>(spec.extent[2]);
  image.usage = usage_of(*device, *spec.texel);
  image.label = "texture";
  auto made = Image::create(device, image);
  return std::shared_ptr<Texture>(new Texture(std::move(device), spec, std::move(made)));
}

namespace {
// Depth is sampled as one float; nobody makes a texture of it, so it has no row among the formats.
const TexelRow* sampled_texel(VkFormat format) {
  static constexpr TexelRow depth{"depth", VK_FORMAT_D32_SFLOAT, 0, TexelKind::floating, DType::float32, 1, false};
  return format == depth.format ? &depth : find_texel(format);
}
}  // namespace

std::shared_ptr<Texture> Texture::over(std::shared_ptr<Image> image, SamplerKind sampler) {
  const ImageSpec& made = image->spec();
  auto device = image->device().shared_from_this();
  const TextureSpec spec{sampled_texel(made.format), TextureShape::d2, {made.width, made.height, 1}, sampler};
  FORGE_ASSERT(spec.texel && made.dims == 2 && !made.arrayed);
  check_filter(*device, *spec.texel, sampler);
  return std::shared_ptr<Texture>(new Texture(std::move(device), spec, std::move(image)));
}

void Texture::write(const void* texels) {
  const BufferRef staged(Buffer::create(device_, bytes(), Memory::upload, "texels on their way"));
  std::memcpy(staged.buffer->mapped(), texels, bytes());
  staged.buffer->flush(0, bytes());
  Commands commands(device_);
  commands.upload_image(staged, image_, whole(*image_));
  commands.submit();
}

void Texture::clear() {
  const BufferRef zeros(Buffer::create(device_, bytes(), Memory::device, "zeros"));
  Commands commands(device_);
  commands.fill(zeros, 0);
  commands.upload_image(zeros, image_, whole(*image_));
  commands.submit();
}

void Texture::read(void* texels) const {
  const BufferRef staged(Buffer::create(device_, bytes(), Memory::readback, "texels on their way"));
  Commands commands(device_);
  commands.read_image(image_, whole(*image_), staged);
  device_->wait(commands.submit());
  staged.buffer->invalidate(0, bytes());
  std::memcpy(texels, staged.buffer->mapped(), bytes());
}

}  // namespace forge::vk
