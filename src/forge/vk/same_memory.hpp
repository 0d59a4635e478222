#pragma once

#include "forge/vk/buffer.hpp"

// Imports of the same host memory are one memory, whatever buffers they are.
namespace forge::vk {

/// What barriers go by: a resource and a range of it. All imports are ranges of one resource, the host's memory.
struct Extent {
  uint64_t resource;
  uint64_t begin, end;  // bytes
};

Extent extent_of(const BufferRef& ref);

bool overlap(const BufferRef& a, const BufferRef& b);

/// Whether some byte is in both.
bool share_memory(const Buffer& a, const Buffer& b);

}  // namespace forge::vk
