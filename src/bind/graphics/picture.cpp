#include "bind/graphics/picture.hpp"

#include <algorithm>
#include <string>

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

uint32_t to_extent(py::handle value, const char* name) {
  const int64_t extent = to_integer(value, (std::string(name) + " must be an integer").c_str());
  if (extent < 1)
    throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", "integers >= 1",
                std::string(name) + " = " + std::to_string(extent));
  return static_cast<uint32_t>(std::min<int64_t>(extent, UINT32_MAX));
}

std::shared_ptr<vk::Device> device_for(bool prefer_software, py::handle device) {
  if (!device.is_none() || !prefer_software) return device_or_default(device);
  vk::DeviceOptions options = vk::options_from_environment();
  options.wish.prefer_software = true;
  const GilRelease nogil;
  return vk::Device::open(options);
}

py::dict to_dict(const graphics::RenderMetrics& metrics) {
  return py::dict("upload_ms"_a = metrics.upload_ms, "encode_ms"_a = metrics.encode_ms, "gpu_ms"_a = metrics.gpu_ms,
                  "readback_ms"_a = metrics.readback_ms, "upload_bytes"_a = metrics.upload_bytes,
                  "readback_bytes"_a = metrics.readback_bytes);
}

}  // namespace forge::bind
