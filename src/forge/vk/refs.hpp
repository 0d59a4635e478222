#pragma once

#include <cstdint>
#include <memory>

namespace forge::vk {

class Buffer;
class Image;

/// A range of a buffer, kept alive by whoever holds this. No default constructor: a forgotten argument does not compile.
struct BufferRef {
  std::shared_ptr<Buffer> buffer;
  uint64_t offset;  // bytes from the start of the buffer
  uint64_t size;  // bytes

  BufferRef(std::shared_ptr<Buffer> whole);  // NOLINT(google-explicit-constructor): a buffer is its whole range
  BufferRef(std::shared_ptr<Buffer> b, uint64_t offset_bytes, uint64_t size_bytes)
      : buffer(std::move(b)), offset(offset_bytes), size(size_bytes) {}

  uint64_t address() const;  // what a shader's buffer reference holds
  BufferRef part(uint64_t from, uint64_t bytes) const;  // throws OUT_OF_RANGE
};

/// Filter and what lies beyond the edge; `pixels`: coordinates count texels, clamped.
enum class SamplerKind : unsigned char {
  nearest_clamp,
  linear_clamp,
  nearest_repeat,
  linear_repeat,
  nearest_mirror,
  linear_mirror,
  nearest_pixels,
  linear_pixels
};

/// An image with how it is sampled; without an image a sampler alone.
struct TextureRef {
  std::shared_ptr<Image> image;
  SamplerKind sampler;

  TextureRef(std::shared_ptr<Image> i, SamplerKind s) : image(std::move(i)), sampler(s) {}
};

}  // namespace forge::vk
