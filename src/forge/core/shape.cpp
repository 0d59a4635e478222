#include "forge/core/shape.hpp"

#include <algorithm>
#include <limits>

#include "forge/core/error.hpp"

namespace forge {

namespace {

void check_count(size_t dimensions) {
  if (dimensions > kMaxDims)
    throw Error(ErrorCode::BAD_SHAPE, "too many dimensions", "at most 8", std::to_string(dimensions),
                "reshape so that neighbouring axes are one");
}

}  // namespace

Dims::Dims(std::span<const int64_t> values) : size_(values.size()) {
  check_count(values.size());
  std::copy(values.begin(), values.end(), values_.begin());
}

void Dims::push_back(int64_t value) {
  check_count(size_ + 1);
  values_[size_++] = value;
}

std::string to_string(const Dims& dims) {
  std::string text = "(";
  for (size_t i = 0; i < dims.size(); ++i) text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + (dims.size() == 1 ? ",)" : ")");
}

int64_t element_count(const Dims& shape, size_t element_size) {
  int64_t count = 1;
  const int64_t most = std::numeric_limits<int64_t>::max() / static_cast<int64_t>(std::max<size_t>(element_size, 1));
  bool beyond = false, empty = false;
  for (int64_t extent : shape) {
    if (extent < 0) throw Error(ErrorCode::BAD_SHAPE, "negative extent in shape", "extents >= 0", to_string(shape));
    empty |= extent == 0;
    if (extent == 0) continue;  // the others must make sense as strides, also of an empty array, as in NumPy
    beyond |= count > most / extent;
    count = beyond ? 1 : count * extent;
  }
  if (beyond) throw Error(ErrorCode::LIMIT_EXCEEDED, "shape is too large", "fewer than 2**63 bytes", to_string(shape));
  return empty ? 0 : count;
}

Dims contiguous_strides(const Dims& shape, size_t element_size) {
  Dims strides = shape;
  auto step = static_cast<int64_t>(element_size);
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

bool is_contiguous(const Dims& shape, const Dims& strides, size_t element_size) {
  auto step = static_cast<int64_t>(element_size);
  if (std::any_of(shape.begin(), shape.end(), [](int64_t extent) { return extent == 0; })) return true;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != step) return false;
    step *= shape[i];
  }
  return true;
}

ByteExtent byte_extent(const Dims& shape, const Dims& strides, size_t element_size) {
  ByteExtent extent{0, static_cast<int64_t>(element_size)};
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return {0, 0};
    int64_t reach = 0;
    bool is_too_far = __builtin_mul_overflow(shape[i] - 1, strides[i], &reach);
    int64_t& end = reach < 0 ? extent.low : extent.high;
    is_too_far |= __builtin_add_overflow(end, reach, &end);
    if (is_too_far)
      throw Error(ErrorCode::OUT_OF_RANGE, "strides reach beyond all memory", "bytes below 2^63",
                  std::to_string(strides[i]) + " bytes from each of " + std::to_string(shape[i]) + " to the next");
  }
  return extent;
}

}  // namespace forge
