#include "forge/graphics/places.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/graphics/vector.hpp"
#include "forge/vk/buffer.hpp"
#include "forge/vk/staging.hpp"

namespace forge::graphics {

namespace {

// A buffer's memory for the host to fill, copied over at the end where the host does not see it.
class Filled {
 public:
  Filled(const std::shared_ptr<vk::Device>& device, uint64_t floats)
      : buffer_(
            vk::Buffer::create(device, std::max<uint64_t>(floats, 1) * sizeof(float), vk::Memory::device, "places")) {
    if (!buffer_->mapped() || !device->unified()) apart_.resize(floats);
  }
  float* data() { return apart_.empty() ? reinterpret_cast<float*>(buffer_->mapped()) : apart_.data(); }
  const std::shared_ptr<vk::Buffer>& buffer() const { return buffer_; }
  void finish() {
    if (apart_.empty())
      buffer_->flush(0, buffer_->size());
    else
      vk::upload(vk::BufferRef(buffer_, 0, apart_.size() * sizeof(float)), apart_.data());
  }

 private:
  std::shared_ptr<vk::Buffer> buffer_;
  std::vector<float> apart_;
};

template <class T>
void look_at_all(std::span<const T> points, Places& places) {
  places.count = points.size() / 3;
  std::array<T, 3> low, high;
  low.fill(std::numeric_limits<T>::infinity());
  high.fill(-std::numeric_limits<T>::infinity());
  bool all = true;
  for (const T* p = points.data(); p < points.data() + 3 * places.count; p += 3) {
    // One sum instead of three tests: it is finite where all are (beyond 1e308 / 3 it may say no, and that is no place).
    if (!std::isfinite(p[0] + p[1] + p[2]) && !(std::isfinite(p[0]) && std::isfinite(p[1]) && std::isfinite(p[2]))) {
      all = false;
      continue;
    }
    for (size_t i = 0; i < 3; ++i) {
      low[i] = std::min(low[i], p[i]);
      high[i] = std::max(high[i], p[i]);
    }
  }
  places.all_finite = all;
  for (size_t i = 0; i < 3; ++i) {
    places.box.low[i] = static_cast<double>(low[i]);
    places.box.high[i] = static_cast<double>(high[i]);
  }
}

template <class T>
Box box_of(std::span<const T> points, std::span<const uint32_t> faces) {
  Box box;
  for (size_t f = 0; f + 2 < faces.size(); f += 3) {
    Box face;
    bool is_placed = true;
    for (size_t corner = 0; corner < 3; ++corner) {
      const T* p = points.data() + 3 * size_t{faces[f + corner]};
      is_placed &= std::isfinite(p[0]) && std::isfinite(p[1]) && std::isfinite(p[2]);
      face.add(Vec3{double{p[0]}, double{p[1]}, double{p[2]}});
    }
    if (is_placed) box.add(face);
  }
  return box;
}

void check_count(uint64_t numbers) {
  if (numbers / 3 > UINT32_MAX / 6)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many points in one object", "at most " + std::to_string(UINT32_MAX / 6),
                std::to_string(numbers / 3), "split them into several objects");
}

}  // namespace

Box box_of_faces(std::span<const double> points, std::span<const uint32_t> faces) { return box_of(points, faces); }

Box box_of_faces(std::span<const float> points, std::span<const uint32_t> faces) { return box_of(points, faces); }

Places place(const std::shared_ptr<vk::Device>& device, std::span<const double> points,
             const std::optional<Box>& drawn) {
  check_count(points.size());
  Filled filled(device, points.size());
  Places places{filled.buffer(), 0, {}, {}, true};
  look_at_all(points, places);
  if (drawn) places.box = *drawn;
  if (!places.box.empty()) places.origin = places.box.centre();
  float* to = filled.data();
  const Vec3 origin = places.origin;
  for (const double* p = points.data(); p < points.data() + points.size(); p += 3, to += 3)
    for (size_t i = 0; i < 3; ++i) {
      const auto rounded = static_cast<float>(p[i] - origin[i]);
      places.all_finite &= std::isfinite(rounded);  // what is too far for a float is nowhere on the device
      to[i] = rounded;
    }
  filled.finish();
  return places;
}

Places place(const std::shared_ptr<vk::Device>& device, std::span<const float> points) {
  check_count(points.size());
  const uint64_t bytes = std::max<uint64_t>(points.size_bytes(), sizeof(float));
  vk::BufferRef there(vk::Buffer::create(device, bytes, vk::Memory::device, "places"));
  if (!points.empty()) vk::upload(there, points.data());
  return place(there, points);
}

Places place(const vk::BufferRef& there, std::span<const float> points) {
  check_count(points.size());
  Places places{there, 0, {}, {}, true};
  look_at_all(points, places);
  return places;
}

SplitEye split_eye(const View& view, const Vec3& origin) {
  SplitEye parts;
  const Vec3 eye = minus(view.options.eye, origin);
  for (size_t i = 0; i < 3; ++i) {
    parts.eye[i] = static_cast<float>(eye[i]);
    parts.rest[i] = static_cast<float>(eye[i] - static_cast<double>(parts.eye[i]));
  }
  return parts;
}

}  // namespace forge::graphics
