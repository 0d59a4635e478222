#pragma once

#include <cstdint>

#include "forge/graphics/target.hpp"

namespace forge::graphics {

/// Where a picture's time went, in milliseconds, and the bytes it moved.
struct RenderMetrics {
  double upload_ms = 0;
  double encode_ms = 0;    // recording commands
  double gpu_ms = 0;       // on the device, in the scope "frame"; 0 where it has no timestamps
  double readback_ms = 0;
  uint64_t upload_bytes = 0;
  uint64_t readback_bytes = 0;
};

/// A steady clock.
double now_ms();

/// Reads the target back, submits, waits, and notes where the time went since the recording `started`.
void finish_frame(vk::Commands& commands, const Target& target, uint8_t* pixels, double started,
                  RenderMetrics& metrics);

}  // namespace forge::graphics
