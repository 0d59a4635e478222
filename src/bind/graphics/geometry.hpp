#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bind/objects.hpp"
#include "forge/graphics/places.hpp"

// Points, indices and colours of scene objects, from NumPy and from arrays on the device.
namespace forge::bind {

/// Numbers that the host can look at: an ndarray's own, an Array's mapped memory, or a copy where that is not mapped.
/// ndarrays with gaps or in another order are copied: what is drawn lies on the device in any case.
struct HostLook {
  DType dtype = DType::float32;
  Dims shape;
  const void* data = nullptr;
  std::optional<vk::BufferRef> there;  // of an Array: its memory on the device
  std::vector<std::byte> copy;
  pybind11::object gathered;
  template <class T>
  std::span<const T> values() const {
    return {static_cast<const T*>(data), static_cast<size_t>(element_count(shape))};
  }
};
/// Throws NOT_CONTIGUOUS for an Array in other than C order, INVALID_ARGUMENT for one of another device.
HostLook look(const std::shared_ptr<vk::Device>& device, pybind11::handle value, const char* what);

/// The device of the first `Array` among some values; else `device`, or the default one.
std::shared_ptr<vk::Device> device_of(std::initializer_list<pybind11::handle> values, pybind11::handle device);

/// (N, 3) of float64 or float32.
HostLook look_at_points(const std::shared_ptr<vk::Device>& device, pybind11::handle value, const char* what);
/// Without the GIL. `drawn` is around those that count; all do without it.
graphics::Places to_places(const std::shared_ptr<vk::Device>& device, const HostLook& points,
                           const std::optional<graphics::Box>& drawn = {});
graphics::Places to_places(const std::shared_ptr<vk::Device>& device, pybind11::handle value, const char* what);
/// float32 (rows, columns), or float64 rounded to it.
vk::BufferRef to_floats(const std::shared_ptr<vk::Device>& device, pybind11::handle value, int64_t rows,
                        int64_t columns, const char* what);

/// One colour for all, or one of each vertex as four bytes; sRGB with straight alpha.
struct Colors {
  std::array<float, 4> one{1, 1, 1, 1};
  std::vector<uint32_t> bytes;         // of each, where they come from the host
  std::optional<vk::BufferRef> there;  // the same on the device
  bool of_each = false;                // a table was given, be it empty
  uint64_t count = 0;                  // its rows
  bool is_transparent = false;         // any alpha below 1
  /// Brings `bytes` to the device; none where there is one colour for all.
  std::optional<vk::BufferRef> on_device(const std::shared_ptr<vk::Device>& device) const;
};
/// None: `otherwise`; a colour as Figure takes it; or (N, 3 or 4) of uint8, or of floats from 0 to 1.
Colors to_colors(const std::shared_ptr<vk::Device>& device, pybind11::handle value, std::array<float, 4> otherwise);

vk::BufferRef put_on_device(const std::shared_ptr<vk::Device>& device, const void* data, uint64_t bytes,
                            const char* label);

/// A finite number above `least`.
double to_number(double value, const char* what, double least, double most);

}  // namespace forge::bind
