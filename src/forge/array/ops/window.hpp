#pragma once

#include <cstdint>

#include "forge/vk/commands.hpp"

namespace forge::array {

// Kernels that read memory in order bind it: on CPU drivers that is 2 to 3 times as fast as loads by address. A binding
// starts at a multiple of the device's alignment and has a greatest length.

/// Bound memory and where in it the data starts.
struct Window {
  vk::BufferRef bytes;
  uint32_t first;  // in units of the kernel's words
};

/// The window on `bytes` of `memory` from byte `from`. Where none can start at a legal place it is on a copy, which only
/// serves reading.
Window window_on(vk::Commands& commands, const vk::BufferRef& memory, uint64_t from, uint64_t bytes, uint32_t word);

/// The most bytes that a window may show, whatever its alignment.
uint64_t window_limit(const vk::Device& device);

}  // namespace forge::array
