#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "forge/vk/image.hpp"
#include "forge/vk/texel.hpp"

namespace forge::vk {

enum class TextureShape : unsigned char { d1, d2, d3, d2_array };
std::string_view name_of(TextureShape shape);  // "1d", "2d", "3d", "2d_array"

struct TextureSpec {
  const TexelRow* texel = nullptr;
  TextureShape shape = TextureShape::d2;
  std::array<uint64_t, 3> extent{1, 1, 1};  // width, height, depth or layers
  SamplerKind sampler = SamplerKind::nearest_clamp;
};

/// An image that shaders sample, and read and write where its format allows, with what samples it.
class Texture {
 public:
  /// Throws LIMIT_EXCEEDED for what is too large, MISSING_FEATURE where the device cannot sample the format so.
  static std::shared_ptr<Texture> create(std::shared_ptr<Device> device, const TextureSpec& spec);

  /// The texels of an image that was made for something else, without a copy.
  static std::shared_ptr<Texture> over(std::shared_ptr<Image> image, SamplerKind sampler);

  const TextureSpec& spec() const { return spec_; }
  Device& device() const { return image_->device(); }
  TextureRef ref() const { return {image_, spec_.sampler}; }
  uint64_t bytes() const { return image_->byte_size(); }
  bool can_store() const { return (image_->spec().usage & VK_IMAGE_USAGE_STORAGE_BIT) != 0; }

  /// Tightly packed rows, after all work that uses the texture; returns when `texels` may be reused.
  void write(const void* texels);
  void clear();  // zeros
  /// Tightly packed rows, after all work that writes it.
  void read(void* texels) const;

 private:
  Texture(std::shared_ptr<Device> device, const TextureSpec& spec, std::shared_ptr<Image> image)
      : device_(std::move(device)), spec_(spec), image_(std::move(image)) {}

  std::shared_ptr<Device> device_;
  TextureSpec spec_;
  std::shared_ptr<Image> image_;
};

/// Throws MISSING_FEATURE where this device cannot filter this format, INVALID_ARGUMENT where nothing can.
void check_filter(const Device& device, const TexelRow& texel, SamplerKind sampler);
/// Pixels as coordinates need one flat picture.
bool samples_pixels(SamplerKind sampler);
bool is_linear(SamplerKind sampler);

}  // namespace forge::vk
