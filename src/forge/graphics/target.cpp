#include "forge/graphics/target.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace forge::graphics {

namespace {

constexpr VkImageUsageFlags kColorUsage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
constexpr VkImageUsageFlags kDepthUsage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;

std::string name_of(VkFormat format) {
  if (format == VK_FORMAT_D32_SFLOAT) return "depth";
  const vk::TexelRow* texel = vk::find_texel(format);
  return texel ? std::string(texel->name) : "VkFormat " + std::to_string(format);
}

bool is_integer(VkFormat format) {
  const vk::TexelRow* texel = vk::find_texel(format);
  return texel && texel->is_integer();
}

void check_color(const vk::Device& device, VkFormat format) {
  if (vk::find_texel(format) && vk::format_supported(device, format, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT)) return;
  throw Error(ErrorCode::MISSING_FEATURE, "the device cannot draw into this format: " + name_of(format),
              "one that " + device.info().name + " draws into: " + color_formats(device), name_of(format),
              "choose one of these")
      .with("feature", "drawing into " + name_of(format));
}

VkSampleCountFlags counts_of(const vk::Device& device, const TargetOptions& options) {
  VkSampleCountFlags counts = device.limits().color_sample_counts;
  for (const VkFormat format : options.colors)
    counts &= vk::sample_counts(device, format, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT);
  if (options.depth != VK_FORMAT_UNDEFINED)
    counts &= vk::sample_counts(device, options.depth, VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT);
  return counts | VK_SAMPLE_COUNT_1_BIT;
}

void check_samples(const vk::Device& device, const TargetOptions& options) {
  if (options.samples > 1)
    for (const VkFormat format : options.colors)
      if (is_integer(format))
        throw Error(ErrorCode::INVALID_ARGUMENT, std::to_string(options.samples) + " samples of integers",
                    "samples=1 for " + name_of(format), std::to_string(options.samples) + " samples",
                    "samples are averaged into pixels, and the mean of two ids is no id: draw ids into a target of "
                    "their own");
  const VkSampleCountFlags counts = counts_of(device, options);
  if (std::has_single_bit(options.samples) && (counts & options.samples)) return;
  std::string known;
  for (uint32_t count = 1; count <= 64; count *= 2)
    if (counts & count) known += (known.empty() ? "" : ", ") + std::to_string(count);
  throw Error(ErrorCode::MISSING_FEATURE, "the device cannot draw with this many samples", known,
              std::to_string(options.samples), "use fewer samples")
      .with("feature", std::to_string(options.samples) + " samples");
}

// Of the class: images of one size.
struct Maker {
  const std::shared_ptr<vk::Device>& device;
  uint32_t width, height;

  std::shared_ptr<vk::Image> operator()(VkFormat format, uint32_t samples, VkImageUsageFlags usage, VkImageLayout home,
                                        const char* label) const {
    vk::ImageSpec spec;
    spec.format = format;
    spec.width = width;
    spec.height = height;
    spec.samples = static_cast<VkSampleCountFlagBits>(samples);
    spec.usage = usage;
    spec.home = home;
    spec.label = label;
    return vk::Image::create(device, spec);
  }
};

VkImageUsageFlags as_texture(const vk::Device& device, const TargetOptions& options, VkFormat format) {
  constexpr VkFormatFeatureFlags texture = VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT | VK_FORMAT_FEATURE_TRANSFER_DST_BIT;
  if (!options.sampled || !vk::format_supported(device, format, texture)) return 0;
  return VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
}

}  // namespace

Clear::Clear(std::array<float, 4> linear) : colors(1) { std::copy(linear.begin(), linear.end(), colors[0].float32); }

uint32_t supported_samples(const vk::Device& device, uint32_t wanted) {
  uint32_t samples = std::bit_floor(std::max(wanted, 1u));
  while (samples > 1 && !(device.limits().color_sample_counts & samples)) samples /= 2;
  return samples;
}

VkFormat stencil_format(const vk::Device& device) {
  for (const VkFormat format : {VK_FORMAT_D32_SFLOAT_S8_UINT, VK_FORMAT_D24_UNORM_S8_UINT})
    if (vk::format_supported(device, format, VK_FORMAT_FEATURE_DEPTH_STENCIL_ATTACHMENT_BIT)) return format;
  return VK_FORMAT_UNDEFINED;
}

std::string color_formats(const vk::Device& device) {
  std::string names;
  for (const vk::TexelRow& row : vk::texel_rows())
    if (vk::format_supported(device, row.format, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT))
      names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

Target::Target(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const TargetOptions& options)
    : device_(std::move(device)), width_(width), height_(height), options_(options) {
  check(options);
  const Maker make{device_, width, height};
  for (const VkFormat format : options.colors) {
    Attached& color = colors_.emplace_back();
    color.image = make(format, 1, kColorUsage | as_texture(*device_, options, format),
                       VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, "target color");
    if (options.samples > 1)
      color.multisampled = make(format, options.samples, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT,
                                VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, "target samples");
    key_ += std::to_string(format) + " ";
  }
  key_ += std::to_string(options.depth) + " x" + std::to_string(options.samples);
  if (options.depth == VK_FORMAT_UNDEFINED) return;
  constexpr VkImageLayout home = VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL;
  depth_ = std::make_shared<Attached>();
  depth_->image =
      make(options.depth, 1, kDepthUsage | as_texture(*device_, options, options.depth), home, "target depth");
  if (options.samples > 1)
    depth_->multisampled =
        make(options.depth, options.samples, VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT, home, "target depth samples");
}

void Target::check(const TargetOptions& options) const {
  device_->require("dynamicRendering", "rendering");
  if (width_ == 0 || height_ == 0) throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0");
  if (options.colors.empty() && options.depth == VK_FORMAT_UNDEFINED)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a target without attachments", "a format, or depth", "neither");
  const uint32_t most = device_->limits().max_color_attachments;
  if (options.colors.size() > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many attachments for " + device_->info().name,
                "at most " + std::to_string(most), std::to_string(options.colors.size()), "draw in several passes")
        .with("limit", std::to_string(most));
  for (const VkFormat format : options.colors) check_color(*device_, format);
  check_samples(*device_, options);
  if (options.depth != VK_FORMAT_UNDEFINED &&
      !vk::format_supported(*device_, options.depth, VK_FORMAT_FEATURE_DEPTH_STENCIL_ATTACHMENT_BIT))
    throw Error(ErrorCode::MISSING_FEATURE, "the device has no depth of this format", "a depth format",
                "VkFormat " + std::to_string(options.depth));
}

bool Target::has_stencil() const {
  return depth_ && (vk::format_info(options_.depth).aspect & VK_IMAGE_ASPECT_STENCIL_BIT) != 0;
}

void Target::describe(vk::DrawState& state) const {
  state.color_formats = options_.colors;
  state.depth_format = options_.depth;
  state.samples = static_cast<VkSampleCountFlagBits>(options_.samples);
}

vk::Attachment Target::attachment(const Attached& attached) const {
  return {attached.drawn(), attached.multisampled ? attached.image : nullptr, {}, false};
}

void Target::draw(vk::Commands& commands, std::vector<vk::DrawCall> calls, const std::optional<Clear>& clear) const {
  check_feedback(calls);
  vk::RenderPass pass;
  for (size_t i = 0; i < colors_.size(); ++i) {
    vk::Attachment& color = pass.colors.emplace_back(attachment(colors_[i]));
    if (!clear) continue;
    color.clear = VkClearValue{};
    if (i < clear->colors.size()) color.clear->color = clear->colors[i];
  }
  if (depth_) {
    pass.depth = attachment(*depth_);
    if (clear) pass.depth->clear = VkClearValue{.depthStencil = {clear->depth, clear->stencil}};
  }
  pass.width = width_;
  pass.height = height_;
  pass.draws = std::move(calls);
  commands.render(pass);
}

void Target::check_feedback(const std::vector<vk::DrawCall>& calls) const {
  for (const vk::DrawCall& call : calls)
    for (const vk::ImageTouch& touch : call.images) {
      const auto reads = [&](const Attached& attached) { return touch.image == attached.image; };
      if ((depth_ && reads(*depth_)) || std::any_of(colors_.begin(), colors_.end(), reads))
        throw Error(ErrorCode::INVALID_ARGUMENT, std::string(call.pipeline.name) + " reads the target it draws into",
                    "a texture of another target", "one of this target", "draw into a second target in turn");
    }
}

void Target::prepare() {
  vk::Commands commands(device_);
  draw(commands, {}, Clear{});
  prepared_ = commands.submit();
}

uint64_t Target::last_write() const { return (colors_.empty() ? *depth_ : colors_.front()).drawn()->last_write(); }

bool Target::is_drawn() const { return last_write() > prepared_; }

const std::shared_ptr<vk::Image>& Target::color(uint32_t index) const {
  FORGE_ASSERT(index < colors_.size());
  check_sampled(*colors_[index].image);
  return colors_[index].image;
}

const std::shared_ptr<vk::Image>& Target::depth() const {
  const auto& image = image_of({Plane::Kind::depth});
  if (has_stencil())
    throw Error(ErrorCode::INVALID_ARGUMENT, "the depth of a target with stencil as a texture", "a target without",
                "depth and stencil in one format", "leave stencil=True away, or read depth into an Array");
  check_sampled(*image);
  return image;
}

void Target::check_sampled(const vk::Image& image) {
  if (!(image.spec().usage & VK_IMAGE_USAGE_SAMPLED_BIT))
    throw Error(ErrorCode::MISSING_FEATURE, "the device has no textures of format " + name_of(image.spec().format),
                "a format that is sampled", image.device().info().name, "choose another format for the target");
}

const std::shared_ptr<vk::Image>& Target::image_of(Plane plane) const {
  if (plane.kind == Plane::Kind::color) {
    if (plane.index < colors_.size()) return colors_[plane.index].image;
    throw Error(ErrorCode::OUT_OF_RANGE, "this target has no attachment " + std::to_string(plane.index),
                colors_.empty() ? "depth alone" : "0 to " + std::to_string(colors_.size() - 1),
                std::to_string(plane.index));
  }
  if (!depth_)
    throw Error(ErrorCode::WRONG_STATE, "this target has no depth to read", "a target with depth", "no depth",
                "make it with depth=True");
  if (plane.kind == Plane::Kind::stencil && !has_stencil())
    throw Error(ErrorCode::WRONG_STATE, "this target has no stencil to read", "a target with stencil", "no stencil",
                "make it with stencil=True");
  return depth_->image;
}

uint32_t Target::bytes(Plane plane) const {
  return plane.kind == Plane::Kind::stencil ? 1 : vk::format_info(image_of(plane)->spec().format).bytes;
}

void Target::check_region(vk::ImageRegion region) const {
  if (region.width > 0 && region.height > 0 && uint64_t{region.x} + region.width <= width_ &&
      uint64_t{region.y} + region.height <= height_)
    return;
  throw Error(ErrorCode::OUT_OF_RANGE, "a region outside the target",
              "within " + std::to_string(width_) + " x " + std::to_string(height_),
              std::to_string(region.x) + ", " + std::to_string(region.y) + " + " + std::to_string(region.width) +
                  " x " + std::to_string(region.height));
}

vk::BufferRef Target::read(vk::Commands& commands, Plane plane, vk::ImageRegion region) const {
  check_region(region);
  const uint64_t size = uint64_t{region.width} * region.height * bytes(plane);
  vk::BufferRef texels(vk::Buffer::create(device_, size, vk::Memory::readback, "readback"));
  read_into(commands, plane, region, texels);
  return texels;
}

void Target::read_into(vk::Commands& commands, Plane plane, vk::ImageRegion region, const vk::BufferRef& to) const {
  check_region(region);
  const auto& image = image_of(plane);
  if (plane.kind == Plane::Kind::depth) region.aspect = VK_IMAGE_ASPECT_DEPTH_BIT;
  if (plane.kind == Plane::Kind::stencil) region.aspect = VK_IMAGE_ASPECT_STENCIL_BIT;
  FORGE_ASSERT(to.size == uint64_t{region.width} * region.height * bytes(plane));
  commands.read_image(image, region, to);
}

void copy_out(void* to, const vk::BufferRef& from) {
  from.buffer->wait_readable();
  from.buffer->invalidate(from.offset, from.size);
  std::memcpy(to, from.buffer->mapped() + from.offset, from.size);
}

void unpack_depths(float* depths, uint64_t count, VkFormat format) {
  if (format != VK_FORMAT_D24_UNORM_S8_UINT) return;
  for (float* depth = depths; depth < depths + count; ++depth)
    *depth = static_cast<float>(static_cast<double>(std::bit_cast<uint32_t>(*depth) & 0xFFFFFF) / 0xFFFFFF);
}

}  // namespace forge::graphics
