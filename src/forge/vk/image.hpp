#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "forge/vk/device.hpp"

namespace forge::vk {

struct ImageSpec {
  VkFormat format = VK_FORMAT_R8G8B8A8_SRGB;
  uint32_t width = 1, height = 1;
  uint32_t layers = 1;
  uint32_t depth = 1;
  uint32_t dims = 2;      // 1, 2 or 3
  bool arrayed = false;   // seen as layers, even where there is one
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  VkImageUsageFlags usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  /// The layout every recording finds and leaves the image in; replays then need no state from before.
  VkImageLayout home = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  std::string label;
};

struct FormatInfo {
  uint32_t bytes = 4;  // a texel; of depth and stencil together, the depth alone
  VkImageAspectFlags aspect = VK_IMAGE_ASPECT_COLOR_BIT;
  bool filterable_kind = true;  // false for integer formats
};
FormatInfo format_info(VkFormat format);

/// True where the device can use this format so.
bool format_supported(const Device& device, VkFormat format, VkFormatFeatureFlags features);

/// Sample counts, as bits, that images of this format and use may have.
VkSampleCountFlags sample_counts(const Device& device, VkFormat format, VkImageUsageFlags usage);

/// True where vertices of this format can be read.
bool vertex_format_supported(const Device& device, VkFormat format);

/// An image with its view.
class Image {
 public:
  static std::shared_ptr<Image> create(std::shared_ptr<Device> device, const ImageSpec& spec);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  Device& device() const { return *device_; }
  const ImageSpec& spec() const { return spec_; }
  VkImage handle() const { return image_; }
  VkImageView view() const { return view_; }
  uint64_t id() const { return id_; }
  uint64_t byte_size() const;  // of the tightly packed texels
  /// True once, for the recording that brings a fresh image into its home layout.
  bool claim_first_use() { return !begun_.exchange(true); }
  void unclaim_first_use() { begun_ = false; }
  bool begun() const { return begun_; }
  void used(uint64_t number, bool written);
  uint64_t last_use() const { return last_use_; }
  uint64_t last_write() const { return last_write_; }  // number of the last submission that writes it

 private:
  Image(std::shared_ptr<Device> device, const ImageSpec& spec);
  void take_memory() const;
  std::shared_ptr<Device> device_;
  ImageSpec spec_;
  VkImage image_ = VK_NULL_HANDLE;
  VmaAllocation allocation_ = nullptr;
  VkImageView view_ = VK_NULL_HANDLE;
  uint64_t id_;
  std::atomic<bool> begun_{false};
  std::atomic<uint64_t> last_use_{0}, last_write_{0};
  Ledger::Account* account_ = nullptr;
};

struct ImageRegion;
ImageRegion whole(const Image& image);

}  // namespace forge::vk
