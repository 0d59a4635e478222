#include "forge/graphics/frame.hpp"

#include <chrono>

namespace forge::graphics {

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

void finish_frame(vk::Commands& commands, const Target& target, uint8_t* pixels, double started,
                  RenderMetrics& metrics) {
  vk::Device& device = commands.device();
  const vk::BufferRef texels = target.read(commands, {}, target.whole());
  const uint64_t number = commands.submit();
  metrics.encode_ms = now_ms() - started;
  device.wait(number);
  const double waited = now_ms();
  copy_out(pixels, texels);
  metrics.readback_ms = now_ms() - waited;
  metrics.readback_bytes = texels.size;
  metrics.gpu_ms = 0;
  for (const vk::ScopeTime& scope : device.scope_times(number))
    if (scope.name == "frame") metrics.gpu_ms = (scope.end_ns - scope.begin_ns) * 1e-6;
}

}  // namespace forge::graphics
