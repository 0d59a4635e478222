#pragma once

#include <algorithm>
#include <cmath>

#include "forge/graphics/matrix.hpp"

// Vectors of space, in double.
namespace forge::graphics {

inline double dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

inline Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// a + s b
inline Vec3 plus(const Vec3& a, const Vec3& b, double s = 1) {
  return {a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]};
}

inline Vec3 minus(const Vec3& a, const Vec3& b) { return plus(a, b, -1); }

/// Length one; the zero vector stays. Scaled first, so that squares neither overflow nor vanish.
inline Vec3 unit(Vec3 v) {
  const double largest = std::max({std::abs(v[0]), std::abs(v[1]), std::abs(v[2])});
  if (largest == 0) return v;
  for (double& x : v) x /= largest;
  const double length = std::sqrt(dot(v, v));
  for (double& x : v) x /= length;
  return v;
}

inline bool is_finite(const Vec3& v) { return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]); }

}  // namespace forge::graphics
