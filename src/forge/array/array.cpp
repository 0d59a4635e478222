#include "forge/array/array.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "forge/vk/commands.hpp"
#include "forge/vk/staging.hpp"

namespace forge::array {

namespace {

template <size_t N>
void gather_row(std::byte* to, const std::byte* from, int64_t count, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * static_cast<int64_t>(N), from + i * stride, N);
}

void copy_row(std::byte* to, const std::byte* from, int64_t count, int64_t stride, size_t size) {
  if (stride == static_cast<int64_t>(size)) {
    std::memcpy(to, from, static_cast<size_t>(count) * size);
    return;
  }
  switch (size) {
    case 1: return gather_row<1>(to, from, count, stride);
    case 2: return gather_row<2>(to, from, count, stride);
    case 4: return gather_row<4>(to, from, count, stride);
    case 8: return gather_row<8>(to, from, count, stride);
    default: return gather_row<16>(to, from, count, stride);
  }
}

}  // namespace

void gather(std::byte* to, const std::byte* from, const Dims& shape, const Dims& strides, size_t element_size) {
  if (element_count(shape) == 0) return;
  if (is_contiguous(shape, strides, element_size)) {
    std::memcpy(to, from, static_cast<size_t>(element_count(shape)) * element_size);
    return;
  }
  const size_t inner = shape.size() - 1;
  const size_t row_bytes = static_cast<size_t>(shape[inner]) * element_size;
  Dims index = shape;
  for (size_t i = 0; i < index.size(); ++i) index[i] = 0;
  while (true) {
    copy_row(to, from, shape[inner], strides[inner], element_size);
    to += row_bytes;
    size_t axis = inner;
    while (axis-- > 0) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis == static_cast<size_t>(-1)) return;
  }
}

Array::Array(std::shared_ptr<vk::Buffer> storage, uint64_t offset, DType dtype, const Dims& shape, const Dims& strides,
             bool writable)
    : storage_(std::move(storage)),
      offset_(offset),
      dtype_(dtype),
      shape_(shape),
      strides_(strides),
      writable_(writable) {}

Array Array::empty(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const std::string& label) {
  const size_t size = size_of(dtype);
  const auto bytes = static_cast<uint64_t>(element_count(shape, size)) * size;
  return {vk::Buffer::create(std::move(device), bytes, vk::Memory::device, label.empty() ? "array" : label),
          0,
          dtype,
          shape,
          contiguous_strides(shape, size),
          true};
}

Array Array::from_values(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const Dims& strides,
                         const void* values, const std::string& label) {
  Array array = empty(std::move(device), dtype, shape, label);
  array.copy_from(strides, values);
  return array;
}

Array Array::from_host(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const Dims& strides,
                       void* values, bool writable, std::shared_ptr<void> keepalive, const std::string& label) {
  if (element_count(shape) == 0) return empty(std::move(device), dtype, shape, label);  // no page to share
  const ByteExtent extent = byte_extent(shape, strides, size_of(dtype));
  auto* low = static_cast<std::byte*>(values) + extent.low;
  auto storage = vk::Buffer::import_host(std::move(device), low, static_cast<uint64_t>(extent.high - extent.low),
                                         std::move(keepalive), label);
  return {std::move(storage), static_cast<uint64_t>(-extent.low), dtype, shape, strides, writable};
}

Array Array::over(vk::BufferRef memory, DType dtype, const Dims& shape) {
  const size_t size = size_of(dtype);
  const auto bytes = static_cast<uint64_t>(element_count(shape, size)) * size;
  if (bytes > memory.size)
    throw Error(ErrorCode::TOO_SMALL, "the buffer is too small for this shape",
                std::to_string(bytes) + " bytes for " + to_string(shape) + " " + std::string(name_of(dtype)),
                std::to_string(memory.size) + " bytes");
  if (memory.offset % size != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, "the offset does not suit the dtype",
                "a multiple of " + std::to_string(size) + " bytes", std::to_string(memory.offset));
  return {std::move(memory.buffer), memory.offset, dtype, shape, contiguous_strides(shape, size), true};
}

namespace {

// No element stands twice: each axis steps over all that the shorter steps reach.
bool each_once(const Dims& shape, const Dims& strides, size_t element_size) {
  std::vector<std::pair<int64_t, int64_t>> axes;  // step, extent
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1) axes.emplace_back(std::abs(strides[i]), shape[i]);
  std::sort(axes.begin(), axes.end());
  auto reach = static_cast<int64_t>(element_size);
  for (const auto& [step, extent] : axes) {
    if (step < reach) return false;
    reach += step * (extent - 1);
  }
  return true;
}

}  // namespace

Array Array::view(int64_t first, const Dims& shape, const Dims& strides) const {
  if (shape.size() != strides.size())
    throw Error(ErrorCode::BAD_SHAPE, "a view needs a stride for each axis", std::to_string(shape.size()),
                std::to_string(strides.size()));
  const size_t size = size_of(dtype_);
  if (element_count(shape, size) == 0) return {storage_, offset_, dtype_, shape, strides, writable_};
  const ByteExtent extent = byte_extent(shape, strides, size);
  const int64_t start = static_cast<int64_t>(offset_) + first;
  if (start + extent.low < 0 || start + extent.high > static_cast<int64_t>(storage_->size()))
    throw Error(ErrorCode::OUT_OF_RANGE, "a view leaves its array's memory",
                "bytes 0 to " + std::to_string(storage_->size()),
                std::to_string(start + extent.low) + " to " + std::to_string(start + extent.high));
  const auto whole = static_cast<int64_t>(size);
  if (first % whole != 0 || std::any_of(strides.begin(), strides.end(), [&](int64_t s) { return s % whole != 0; }))
    throw Error(ErrorCode::NOT_CONTIGUOUS, "elements do not lie a whole number of elements apart",
                "multiples of " + std::to_string(size) + " bytes", to_string(strides));
  return {storage_, static_cast<uint64_t>(start), dtype_, shape, strides, writable_ && each_once(shape, strides, size)};
}

vk::BufferRef Array::bytes() const {
  if (!contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, "the array is not C-contiguous", "C order without gaps",
                "shape " + to_string(shape_) + ", strides " + to_string(strides_),
                "use vf.asarray, which makes a copy");
  return {storage_, offset_, nbytes()};
}

Array::Span Array::span() const {
  const ByteExtent extent = size() == 0 ? ByteExtent{} : byte_extent(shape_, strides_, size_of(dtype_));
  const uint64_t low = offset_ - static_cast<uint64_t>(-extent.low);
  return {{storage_, low, static_cast<uint64_t>(extent.high - extent.low)}, offset_ - low};
}

std::byte* Array::host(bool for_writing) const {
  FORGE_ASSERT(in_place());
  if (for_writing)
    storage_->wait_writable();
  else
    storage_->wait_readable();
  storage_->invalidate(0, storage_->size());
  return storage_->mapped() + offset_;
}

Array Array::snapshot(vk::Commands& commands) const {
  const ByteExtent extent = byte_extent(shape_, strides_, size_of(dtype_));
  const auto bytes = static_cast<uint64_t>(extent.high - extent.low);
  const uint64_t first = offset_ - static_cast<uint64_t>(-extent.low);
  auto copy = vk::Buffer::create(storage_->device_ptr(), bytes, vk::Memory::readback, "readback");
  if (bytes > 0) commands.copy(vk::BufferRef(storage_, first, bytes), copy);
  return {std::move(copy), static_cast<uint64_t>(-extent.low), dtype_, shape_, strides_, true};
}

void Array::copy_to(void* values) const {
  if (contiguous()) return vk::download(values, bytes());
  gather(static_cast<std::byte*>(values), host(false), shape_, strides_, size_of(dtype_));
}

void Array::copy_from(const Dims& strides, const void* values) const {
  if (nbytes() == 0) return;
  const size_t size = size_of(dtype_);
  if (is_contiguous(shape_, strides, size)) return vk::upload(bytes(), values);
  const auto* from = static_cast<const std::byte*>(values);
  if (in_place()) {
    gather(host(true), from, shape_, strides, size);
    storage_->flush(offset_, nbytes());
    return;
  }
  std::vector<std::byte> packed(nbytes());
  gather(packed.data(), from, shape_, strides, size);
  vk::upload(bytes(), packed.data());
}

}  // namespace forge::array
