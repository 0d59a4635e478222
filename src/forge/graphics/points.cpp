#include "forge/graphics/points.hpp"

#include <algorithm>

#include "forge/graphics/srgb.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/graphics/splat.hpp"
#include "forge_shaders/graphics/splat_show.hpp"
#include "forge_shaders/graphics/spots.hpp"
#include "forge_shaders/graphics/spots_layer.hpp"

namespace forge::graphics {

namespace {

// As shaders/include/points.glsl has them.
enum Flags : uint32_t { kSizes = 1, kColors = 2, kWorld = 4, kListed = 8 };
constexpr float kMostSplat = 8;        // samples of radius: beyond, the rasteriser is quicker
constexpr uint64_t kListHeader = 16;   // bytes: an indirect draw
constexpr uint32_t kGroup = 64, kMostGroups = 65535;

bool is_wide(const vk::Device& device) { return device.has("shaderInt64") && device.has("shaderBufferInt64Atomics"); }

std::array<uint32_t, 3> groups_of(uint64_t count) {
  const uint64_t groups = (count + kGroup - 1) / kGroup, rows = (groups + kMostGroups - 1) / kMostGroups;
  return {static_cast<uint32_t>((groups + rows - 1) / rows), static_cast<uint32_t>(rows), 1};
}

}  // namespace

// The nearest point of each sample: one array of depth and number together, or one of each.
struct Points::Cells {
  vk::BufferRef depths, owners;
  bool wide;
};

FrameDraws Points::record(vk::Commands& commands, const Frame& frame) {
  FrameDraws draws;
  if (parts_.places.count == 0) return draws;
  const uint32_t flags =
      (parts_.sizes ? kSizes : 0u) | (parts_.colors ? kColors : 0u) | (parts_.in_world ? kWorld : 0u);
  if (parts_.is_transparent) {
    draw_layers(commands, frame, flags, draws);
    return draws;
  }
  const double radius = 0.5 * parts_.size * frame.supersample;
  const bool all_large = !parts_.in_world && !parts_.sizes && radius > kMostSplat;
  const bool some_large = !all_large && (parts_.in_world || radius > kMostSplat);
  if (!all_large) show(splat(commands, frame, flags | (some_large ? kListed : 0u)), frame, draws);
  if (all_large) draw_spots(frame, flags, draws);
  if (some_large) draw_spots(frame, flags | kListed, draws);
  return draws;
}

Points::Cells Points::splat(vk::Commands& commands, const Frame& frame, uint32_t flags) {
  const vk::Scope scope(commands, "splat points");
  const bool wide = is_wide(*device());
  const uint64_t samples = uint64_t{frame.target.width()} * frame.target.height();
  const vk::BufferRef depths(
      vk::Buffer::create(device(), samples * (wide ? 8 : 4), vk::Memory::device, "points in samples"));
  const vk::BufferRef owners =
      wide ? depths : vk::BufferRef(vk::Buffer::create(device(), samples * 4, vk::Memory::device, "points in samples"));
  commands.fill(depths, 0);
  if (!wide) commands.fill(owners, 0);
  const uint64_t listed = flags & kListed ? parts_.places.count : 1;
  if (!large_ || large_->size() < kListHeader + 4 * listed)
    large_ = vk::Buffer::create(device(), kListHeader + 4 * listed, vk::Memory::device, "large points");
  commands.fill(vk::BufferRef(large_, 0, kListHeader), 0);
  commands.fill(vk::BufferRef(large_, 4, 4), 1);  // one instance
  const SplitEye eye = split_eye(frame.view, parts_.places.origin);
  const k::splat kernel{.places = parts_.places.values,
                        .sizes = parts_.sizes.value_or(parts_.places.values),
                        .depths = depths,
                        .owners = owners,
                        .large = large_,
                        .eye = eye.eye,
                        .eye_rest = eye.rest,
                        .size = static_cast<float>(parts_.size),
                        .most = kMostSplat,
                        .flags = flags,
                        .count = static_cast<uint32_t>(parts_.places.count),
                        .frame = frame.globals};
  const auto run = [&](const shader::Defines& defines) {
    shader::dispatch(commands, shader::program_of<k::splat>(*device(), defines), kernel,
                     groups_of(parts_.places.count));
  };
  run(wide ? shader::Defines{{"WIDE", "1"}} : shader::Defines{});
  if (!wide) run({{"OWNERS", "1"}});
  return {depths, owners, wide};
}

void Points::show(const Cells& cells, const Frame& frame, FrameDraws& draws) const {
  const vk::BufferRef& depths = cells.depths;
  const k::splat_show shown{.numbers = cells.owners,
                            .depths = cells.wide ? depths.part(4, depths.size - 4) : depths,
                            .colors = parts_.colors.value_or(parts_.places.values),
                            .color = linear(parts_.color),
                            .width = frame.target.width(),
                            .stride = cells.wide ? 2u : 1u,
                            .colored = parts_.colors ? 1u : 0u,
                            .id = frame.id};
  draws.opaque.push_back(shader::draw_call(*device(), shown, "splat " + frame.target.key(), frame_state(frame)));
  draws.opaque.back().count = 3;
}

template <class K, class... Rest>
K Points::spots(const Frame& frame, uint32_t flags, Rest... layers) const {
  const SplitEye eye = split_eye(frame.view, parts_.places.origin);
  const vk::BufferRef& none = parts_.places.values;  // not read without its flag
  return K{parts_.places.values,
           parts_.sizes.value_or(none),
           parts_.colors.value_or(none),
           flags & kListed ? vk::BufferRef(large_) : none,
           eye.eye,
           eye.rest,
           static_cast<float>(parts_.size),
           flags,
           linear(parts_.color),
           frame.id,
           layers...,
           frame.globals};
}

void Points::draw_spots(const Frame& frame, uint32_t flags, FrameDraws& draws) const {
  vk::DrawCall call =
      shader::draw_call(*device(), spots<k::spots>(frame, flags), "spots " + frame.target.key(), frame_state(frame));
  call.count = static_cast<uint32_t>(6 * parts_.places.count);
  if (flags & kListed) call.indirect = vk::BufferRef(large_, 0, kListHeader);
  draws.opaque.push_back(std::move(call));
}

void Points::draw_layers(vk::Commands& commands, const Frame& frame, uint32_t flags, FrameDraws& draws) const {
  const Layers::Refs layers = frame.layers.record(commands);
  const auto drawn = spots<k::spots_layer>(frame, flags, layers.heads, layers.fragments, layers.capacity);
  draws.transparent.push_back(
      shader::draw_call(*device(), drawn, "spots layer " + frame.target.key(), layer_state(frame)));
  draws.transparent.back().count = static_cast<uint32_t>(6 * parts_.places.count);
}

}  // namespace forge::graphics
