#include "bind/graphics/geometry.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>

#include "bind/gil.hpp"
#include "bind/ndarray.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

HostLook look_at_array(const std::shared_ptr<vk::Device>& device, const PyArray& value, const char* what) {
  const array::Array& array = value.array();
  if (value.device() != device)
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(what) + " is an Array of another device", device->info().name,
                value.device()->info().name, "make both with the same device=");
  if (!array.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, std::string(what) + " is not C-contiguous", "C order without gaps",
                "strides " + to_string(array.strides()), "copy it first");
  HostLook look{array.dtype(), array.shape(), nullptr, array.bytes(), {}, {}};
  const GilRelease nogil;
  const vk::BufferRef& there = *look.there;
  if (there.buffer->mapped()) {
    there.buffer->wait_readable();
    there.buffer->invalidate(there.offset, there.size);
    look.data = there.buffer->mapped() + there.offset;
  } else {
    look.copy.resize(there.size);
    if (there.size) vk::download(look.copy.data(), there);
    look.data = look.copy.data();
  }
  return look;
}

[[noreturn]] void refuse_dtype(const char* what, const char* expected, DType got) {
  throw Error(ErrorCode::BAD_DTYPE, what, expected, std::string(name_of(got)), "convert it: .astype(...)");
}

std::array<float, 4> to_color(py::handle value) {
  static constexpr const char* kModule = "vulkan_forge.graphics._colors";  // which also knows the names
  return py::module_::import(kModule).attr("color_of")(value, "colors").cast<std::array<float, 4>>();
}

bool is_table(py::handle value) {
  if (py::isinstance<PyArray>(value)) return true;
  return py::isinstance<py::array>(value) && py::reinterpret_borrow<py::array>(value).ndim() == 2;
}

uint32_t to_byte(double value) { return static_cast<uint32_t>(std::lround(value * 255)); }

template <class T>
void pack(std::span<const T> values, size_t channels, double one, Colors& colors) {
  const size_t count = values.size() / channels;
  colors.bytes.resize(count);
  for (size_t i = 0; i < count; ++i) {
    uint32_t word = channels == 3 ? 0xFF000000u : 0;
    for (size_t c = 0; c < channels; ++c) {
      const double value = static_cast<double>(values[i * channels + c]) / one;
      if (!(value >= 0 && value <= 1))
        throw Error(ErrorCode::INVALID_ARGUMENT, "a colour is out of range", "numbers from 0 to 1, or uint8",
                    std::to_string(value));
      word |= to_byte(value) << (8 * c);
    }
    colors.bytes[i] = word;
  }
}

}  // namespace

HostLook look(const std::shared_ptr<vk::Device>& device, py::handle value, const char* what) {
  if (py::isinstance<PyArray>(value)) return look_at_array(device, value.cast<const PyArray&>(), what);
  const HostArray host = check_numbers(value, what);
  if (host.contiguous()) return {host.dtype, host.shape, host.data, std::nullopt, {}, {}};
  py::object gathered = py::module_::import("numpy").attr("ascontiguousarray")(value);
  const void* data = check_numbers(gathered, what).data;
  return {host.dtype, host.shape, data, std::nullopt, {}, std::move(gathered)};
}

std::shared_ptr<vk::Device> device_of(std::initializer_list<py::handle> values, py::handle device) {
  if (device.is_none())
    for (const py::handle value : values)
      if (py::isinstance<PyArray>(value)) return value.cast<const PyArray&>().device();
  return device_or_default(device);
}

vk::BufferRef put_on_device(const std::shared_ptr<vk::Device>& device, const void* data, uint64_t bytes,
                            const char* label) {
  vk::BufferRef there(vk::Buffer::create(device, std::max<uint64_t>(bytes, 4), vk::Memory::device, label));
  if (bytes) vk::upload(there.part(0, bytes), data);
  return there;
}

HostLook look_at_points(const std::shared_ptr<vk::Device>& device, py::handle value, const char* what) {
  HostLook points = look(device, value, what);
  if (points.shape.size() != 2 || points.shape[1] != 3)
    throw Error(ErrorCode::BAD_SHAPE, what, "(N, 3)", to_string(points.shape));
  if (points.dtype != DType::float64 && points.dtype != DType::float32)
    refuse_dtype(what, "float64 or float32", points.dtype);
  return points;
}

graphics::Places to_places(const std::shared_ptr<vk::Device>& device, const HostLook& points,
                           const std::optional<graphics::Box>& drawn) {
  if (points.dtype == DType::float64) return graphics::place(device, points.values<double>(), drawn);
  const auto floats = points.values<float>();
  const bool is_there = points.there && points.there->size;
  graphics::Places places = is_there ? graphics::place(*points.there, floats) : graphics::place(device, floats);
  if (drawn) places.box = *drawn;
  return places;
}

graphics::Places to_places(const std::shared_ptr<vk::Device>& device, py::handle value, const char* what) {
  const HostLook points = look_at_points(device, value, what);
  const GilRelease nogil;
  return to_places(device, points);
}

vk::BufferRef to_floats(const std::shared_ptr<vk::Device>& device, py::handle value, int64_t rows, int64_t columns,
                        const char* what) {
  const HostLook numbers = look(device, value, what);
  if (numbers.shape != Dims{rows, columns})
    throw Error(ErrorCode::BAD_SHAPE, what, to_string(Dims{rows, columns}), to_string(numbers.shape));
  if (numbers.dtype == DType::float32) {
    if (numbers.there && numbers.there->size) return *numbers.there;
    const auto floats = numbers.values<float>();
    return put_on_device(device, floats.data(), floats.size_bytes(), what);
  }
  if (numbers.dtype != DType::float64) refuse_dtype(what, "float32 or float64", numbers.dtype);
  const auto doubles = numbers.values<double>();
  std::vector<float> rounded(doubles.size());
  std::transform(doubles.begin(), doubles.end(), rounded.begin(), [](double x) { return static_cast<float>(x); });
  return put_on_device(device, rounded.data(), rounded.size() * sizeof(float), what);
}

std::optional<vk::BufferRef> Colors::on_device(const std::shared_ptr<vk::Device>& device) const {
  if (count == 0) return std::nullopt;
  if (there) return there;
  return put_on_device(device, bytes.data(), bytes.size() * sizeof(uint32_t), "colors");
}

Colors to_colors(const std::shared_ptr<vk::Device>& device, py::handle value, std::array<float, 4> otherwise) {
  Colors colors;
  colors.one = otherwise;
  if (value.is_none()) return colors;
  if (!is_table(value)) {
    colors.one = to_color(value);
    colors.is_transparent = colors.one[3] < 1;
    return colors;
  }
  const HostLook table = look(device, value, "colors");
  if (table.shape.size() != 2 || (table.shape[1] != 3 && table.shape[1] != 4))
    throw Error(ErrorCode::BAD_SHAPE, "colors", "a colour, or (N, 3) or (N, 4)", to_string(table.shape));
  colors.one = {1, 1, 1, 1};
  colors.of_each = true;
  colors.count = static_cast<uint64_t>(table.shape[0]);
  const auto channels = static_cast<size_t>(table.shape[1]);
  const GilRelease nogil;
  if (table.dtype == DType::uint8 && channels == 4 && table.there) {
    colors.there = table.there;
    const auto bytes = table.values<uint8_t>();
    for (size_t i = 3; i < bytes.size(); i += 4) colors.is_transparent |= bytes[i] < 255;
    return colors;
  }
  if (table.dtype == DType::uint8)
    pack(table.values<uint8_t>(), channels, 255, colors);
  else if (table.dtype == DType::float32)
    pack(table.values<float>(), channels, 1, colors);
  else if (table.dtype == DType::float64)
    pack(table.values<double>(), channels, 1, colors);
  else
    refuse_dtype("colors", "uint8, float32 or float64", table.dtype);
  for (const uint32_t word : colors.bytes) colors.is_transparent |= word < 0xFF000000u;
  return colors;
}

double to_number(double value, const char* what, double least, double most) {
  if (value >= least && value <= most && std::isfinite(value)) return value;
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string(what) + " is out of range",
              "a finite number from " + std::to_string(least) + " to " + std::to_string(most), std::to_string(value));
}

}  // namespace forge::bind
