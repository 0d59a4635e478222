#pragma once

#include <array>
#include <cstddef>

namespace forge::graphics {

using Vec3 = std::array<double, 3>;

/// 4x4, indexed (row, column) and stored by rows; column vectors: clip = projection * view * point.
template <class T>
struct Matrix4 {
  std::array<T, 16> rows{};

  T& operator()(size_t row, size_t column) { return rows[4 * row + column]; }
  const T& operator()(size_t row, size_t column) const { return rows[4 * row + column]; }

  /// As GLSL wants it in a buffer.
  std::array<T, 16> column_major() const {
    std::array<T, 16> columns;
    for (size_t i = 0; i < 16; ++i) columns[4 * (i % 4) + i / 4] = rows[i];
    return columns;
  }

  friend Matrix4 operator*(const Matrix4& a, const Matrix4& b) {
    Matrix4 product;
    for (size_t r = 0; r < 4; ++r)
      for (size_t c = 0; c < 4; ++c)
        for (size_t k = 0; k < 4; ++k) product(r, c) += a(r, k) * b(k, c);
    return product;
  }
};
using Mat4 = Matrix4<float>;

}  // namespace forge::graphics
