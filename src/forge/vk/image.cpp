#include "forge/vk/image.hpp"

#include "forge/vk/buffer.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/large_pages.hpp"
#include "forge/vk/texel.hpp"
#include "forge/vk/vma.hpp"

namespace forge::vk {

FormatInfo format_info(VkFormat format) {
  if (const TexelRow* texel = find_texel(format))
    return {texel->bytes(), VK_IMAGE_ASPECT_COLOR_BIT, !texel->is_integer()};
  switch (format) {
    case VK_FORMAT_D32_SFLOAT: return {4, VK_IMAGE_ASPECT_DEPTH_BIT, false};
    case VK_FORMAT_D16_UNORM: return {2, VK_IMAGE_ASPECT_DEPTH_BIT, false};
    case VK_FORMAT_D32_SFLOAT_S8_UINT:
    case VK_FORMAT_D24_UNORM_S8_UINT: return {4, VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT, false};
    default:
      throw Error(ErrorCode::INVALID_ARGUMENT, "an image format without a row in format_info", {},
                  std::to_string(format));
  }
}

bool format_supported(const Device& device, VkFormat format, VkFormatFeatureFlags features) {
  VkFormatProperties properties{};
  vkGetPhysicalDeviceFormatProperties(device.physical(), format, &properties);
  return (properties.optimalTilingFeatures & features) == features;
}

VkSampleCountFlags sample_counts(const Device& device, VkFormat format, VkImageUsageFlags usage) {
  VkImageFormatProperties properties{};
  const VkResult result = vkGetPhysicalDeviceImageFormatProperties(device.physical(), format, VK_IMAGE_TYPE_2D,
                                                                   VK_IMAGE_TILING_OPTIMAL, usage, 0, &properties);
  return result == VK_SUCCESS ? properties.sampleCounts : 0;
}

bool vertex_format_supported(const Device& device, VkFormat format) {
  VkFormatProperties properties{};
  vkGetPhysicalDeviceFormatProperties(device.physical(), format, &properties);
  return (properties.bufferFeatures & VK_FORMAT_FEATURE_VERTEX_BUFFER_BIT) != 0;
}

namespace {
VkImageViewType view_type(const ImageSpec& spec) {
  if (spec.dims == 1) return VK_IMAGE_VIEW_TYPE_1D;
  if (spec.dims == 3) return VK_IMAGE_VIEW_TYPE_3D;
  return spec.arrayed || spec.layers > 1 ? VK_IMAGE_VIEW_TYPE_2D_ARRAY : VK_IMAGE_VIEW_TYPE_2D;
}
}  // namespace

// What is drawn on is cleared first: a CPU driver would meet its pages one by one.
void Image::take_memory() const {
  if (!allocation_ || device_->info().type != AdapterType::cpu) return;
  VkMemoryPropertyFlags flags = 0;
  vmaGetAllocationMemoryProperties(device_->allocator(), allocation_, &flags);
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) return;
  VmaAllocationInfo where{};
  vmaGetAllocationInfo(device_->allocator(), allocation_, &where);
  void* mapped = nullptr;
  if (vmaMapMemory(device_->allocator(), allocation_, &mapped) != VK_SUCCESS) return;
  take_pages(mapped, where.size);
  vmaUnmapMemory(device_->allocator(), allocation_);
}

std::shared_ptr<Image> Image::create(std::shared_ptr<Device> device, const ImageSpec& spec) {
  return std::shared_ptr<Image>(new Image(std::move(device), spec));
}

Image::Image(std::shared_ptr<Device> device, const ImageSpec& spec)
    : device_(std::move(device)), spec_(spec), id_(next_resource_id()) {
  device_->check_usable();
  const bool drawn =
      (spec.usage & (VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT)) != 0;
  const uint32_t most = drawn ? device_->limits().max_target : device_->limits().max_image_2d;
  if (spec.width > most || spec.height > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an image cannot be this large on " + device_->info().name,
                "at most " + std::to_string(most) + " x " + std::to_string(most),
                std::to_string(spec.width) + " x " + std::to_string(spec.height), "render in tiles")
        .with("limit", std::to_string(most));
  const VkImageAspectFlags aspect = format_info(spec.format).aspect;  // refuses formats before anything is made
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = spec.dims == 1 ? VK_IMAGE_TYPE_1D : spec.dims == 3 ? VK_IMAGE_TYPE_3D : VK_IMAGE_TYPE_2D;
  info.format = spec.format;
  info.extent = {spec.width, spec.height, spec.depth};
  info.mipLevels = 1;
  info.arrayLayers = spec.layers;
  info.samples = spec.samples;
  info.tiling = VK_IMAGE_TILING_OPTIMAL;
  info.usage = spec.usage;
  info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED;
  VmaAllocationCreateInfo memory{};
  memory.usage = VMA_MEMORY_USAGE_UNKNOWN;
  memory.preferredFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  checked("vmaCreateImage",
          [&] { return vmaCreateImage(device_->allocator(), &info, &memory, &image_, &allocation_, nullptr); });
  if (drawn) take_memory();
  VkImageViewCreateInfo view{};
  view.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO;
  view.image = image_;
  view.viewType = view_type(spec);
  view.format = spec.format;
  view.subresourceRange = {aspect, 0, 1, 0, spec.layers};
  const CompilerTurn turn = CompilerTurn::to_make(*device_);
  const VkResult result = attempt(
      "vkCreateImageView", [&] { return device_->vk().vkCreateImageView(device_->handle(), &view, nullptr, &view_); });
  if (result < 0) {
    vmaDestroyImage(device_->allocator(), image_, allocation_);
    throw_result("vkCreateImageView", result);
  }
  device_->name_object(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<uint64_t>(image_), spec.label);
  device_->count_image(1);
  account_ = &device_->ledger().account(spec.label.empty() ? "image" : spec.label);
  device_->ledger().add(*account_, byte_size());
}

Image::~Image() {
  device_->retire(VK_OBJECT_TYPE_IMAGE_VIEW, reinterpret_cast<uint64_t>(view_), last_use_);
  device_->retire_image(image_, allocation_, last_use_);
  device_->count_image(-1);
  device_->ledger().remove(*account_, byte_size());
}

uint64_t Image::byte_size() const {
  return uint64_t{spec_.width} * spec_.height * spec_.depth * spec_.layers * format_info(spec_.format).bytes;
}

ImageRegion whole(const Image& image) {
  const ImageSpec& spec = image.spec();
  return {0, 0, spec.width, spec.height, 0, spec.dims == 3 ? spec.depth : spec.layers};
}

namespace {
void raise(std::atomic<uint64_t>& known, uint64_t number) {
  uint64_t last = known.load(std::memory_order_relaxed);
  while (last < number && !known.compare_exchange_weak(last, number, std::memory_order_acq_rel)) {
  }
}
}  // namespace

void Image::used(uint64_t number, bool written) {
  raise(last_use_, number);
  if (written) raise(last_write_, number);
}

}  // namespace forge::vk
