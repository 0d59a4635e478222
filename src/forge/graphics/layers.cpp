#include "forge/graphics/layers.hpp"

#include <algorithm>
#include <array>

#include "forge/graphics/target.hpp"

namespace forge::graphics {

namespace {

constexpr uint64_t kHeader = 16, kFragment = 20;  // bytes
constexpr uint64_t kLeast = 1 << 16;              // fragments
constexpr uint64_t kMost = 0xC0000000;            // from here shaders no longer count (layers.glsl)

}  // namespace

void Layers::make_room(uint64_t fragments) {
  const uint64_t wanted = std::max(fragments, kLeast);
  fragments_.reset();  // before the new one: both may not fit
  capacity_ = 0;
  fragments_ = vk::Buffer::create(device_, kHeader + wanted * kFragment, vk::Memory::device, "transparent fragments");
  capacity_ = wanted;
}

Layers::Refs Layers::record(vk::Commands& commands) {
  if (!used_) {
    device_->require("fragmentStoresAndAtomics", "transparency by fragment");
    const uint64_t samples = uint64_t{width_} * height_;
    if (!heads_) heads_ = vk::Buffer::create(device_, 4 * samples, vk::Memory::device, "transparent samples");
    if (!count_) count_ = vk::Buffer::create(device_, kHeader, vk::Memory::readback, "transparent count");
    if (!fragments_) make_room(samples / 2);
    commands.fill(heads_, 0);
    commands.fill(vk::BufferRef(fragments_, 0, kHeader), 0);
    used_ = true;
  }
  return refs();
}

void Layers::record_count(vk::Commands& commands) { commands.copy(vk::BufferRef(fragments_, 0, kHeader), count_); }

bool Layers::had_room() {
  if (!used_) return true;
  std::array<uint32_t, kHeader / 4> header{};
  copy_out(header.data(), count_);
  if (header[0] >= kMost)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too much is seen through at once",
                "fewer than " + std::to_string(kMost) + " fragments in a picture",
                std::to_string(header[0]) + " or more", "draw a smaller picture, or fewer samples a pixel");
  if (header[0] <= capacity_) return true;
  make_room(uint64_t{header[0]} + header[0] / 8);
  return false;
}

}  // namespace forge::graphics
