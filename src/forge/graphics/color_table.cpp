#include "forge/graphics/color_table.hpp"

#include <cstdlib>

#include "forge/vk/staging.hpp"

namespace forge::graphics {

LutFormat lut_format(const vk::Device& device) {
  const bool filtered =
      vk::format_supported(device, VK_FORMAT_R8G8B8A8_SRGB, VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT);
  return filtered && !std::getenv("VF_FORCE_LUT_UNORM") ? LutFormat::srgb : LutFormat::linear;
}

std::string_view name_of(LutFormat format) { return format == LutFormat::srgb ? "Rgba8UnormSrgb" : "Rgba8Unorm"; }

void ColorTable::set(const Lut& srgb) {
  srgb_ = srgb;
  image_.reset();
}

vk::TextureRef ColorTable::record(vk::Commands& commands) {
  if (!image_) {
    vk::ImageSpec spec;
    spec.format = format_ == LutFormat::srgb ? VK_FORMAT_R8G8B8A8_SRGB : VK_FORMAT_R8G8B8A8_UNORM;
    spec.width = 256;
    spec.height = 1;
    spec.label = "colormap";
    auto image = vk::Image::create(device_, spec);
    const Lut bytes = format_ == LutFormat::srgb ? srgb_ : decoded_to_linear(srgb_);
    auto staging = vk::Buffer::create(device_, sizeof bytes, vk::Memory::upload, "colormap");
    vk::upload(vk::BufferRef(staging), bytes.data());
    commands.upload_image(staging, image, {0, 0, 256, 1});
    image_ = std::move(image);
  }
  return {image_, vk::SamplerKind::linear_clamp};
}

}  // namespace forge::graphics
