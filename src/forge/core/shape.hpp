#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace forge {

inline constexpr size_t kMaxDims = 8;

/// Up to eight extents or byte strides, without an allocation.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const int64_t> values);  // throws BAD_SHAPE beyond eight

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t operator[](size_t i) const { return values_[i]; }
  int64_t& operator[](size_t i) { return values_[i]; }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + size_; }
  void push_back(int64_t value);
  friend bool operator==(const Dims& a, const Dims& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  std::array<int64_t, kMaxDims> values_{};
  size_t size_ = 0;
};

/// "(3, 4)", as Python prints a shape.
std::string to_string(const Dims& dims);

/// Elements of a shape; throws LIMIT_EXCEEDED where the bytes would not fit in 63 bits.
int64_t element_count(const Dims& shape, size_t element_size = 1);

/// Row-major byte strides.
Dims contiguous_strides(const Dims& shape, size_t element_size);

/// True for a C-order layout without gaps; extents of 1 may have any stride, as in NumPy.
bool is_contiguous(const Dims& shape, const Dims& strides, size_t element_size);

/// Lowest and one-past-highest byte that a strided array touches, relative to its first element.
struct ByteExtent {
  int64_t low = 0;
  int64_t high = 0;
};
ByteExtent byte_extent(const Dims& shape, const Dims& strides, size_t element_size);

}  // namespace forge
