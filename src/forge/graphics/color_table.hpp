#pragma once

#include <memory>
#include <string_view>

#include "forge/graphics/colormap.hpp"
#include "forge/vk/commands.hpp"

namespace forge::graphics {

/// How colours lie in their texture: as they are, or decoded beforehand where the device filters no sRGB.
enum class LutFormat : unsigned char { srgb, linear };

/// linear where the device cannot filter sRGB, and where VF_FORCE_LUT_UNORM is set: the variable is read at each call.
LutFormat lut_format(const vk::Device& device);

/// "Rgba8UnormSrgb" or "Rgba8Unorm".
std::string_view name_of(LutFormat format);

/// A colormap on the device, sampled in linear light.
class ColorTable {
 public:
  ColorTable(std::shared_ptr<vk::Device> device, LutFormat format) : device_(std::move(device)), format_(format) {}

  LutFormat format() const { return format_; }
  /// 256 entries as sRGB bytes.
  void set(const Lut& srgb);
  /// The texture (256, 1); records its upload where it is not there yet.
  vk::TextureRef record(vk::Commands& commands);
  /// What was recorded never ran.
  void forget_recorded() { image_.reset(); }

 private:
  std::shared_ptr<vk::Device> device_;
  LutFormat format_;
  Lut srgb_{};
  std::shared_ptr<vk::Image> image_;
};

}  // namespace forge::graphics
