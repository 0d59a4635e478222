#include "forge/graphics/normals.hpp"

#include <cmath>
#include <utility>

#include "forge/graphics/vector.hpp"

namespace forge::graphics {

namespace {

Vec3 at(std::span<const float> places, uint32_t vertex) {
  const float* p = places.data() + size_t{3} * vertex;
  return {static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2])};
}

double angle_between(const Vec3& a, const Vec3& b) {
  const Vec3 c = cross(a, b);
  return std::atan2(std::sqrt(dot(c, c)), dot(a, b));
}

void add(std::vector<float>& normals, uint32_t vertex, const Vec3& normal, double weight) {
  for (size_t i = 0; i < 3; ++i) normals[size_t{3} * vertex + i] += static_cast<float>(normal[i] * weight);
}

}  // namespace

bool orient_faces(std::span<const float> places, std::span<const float> normals, std::span<uint32_t> faces) {
  for (size_t f = 0; f + 2 < faces.size(); f += 3) {
    const Vec3 a = at(places, faces[f]), b = at(places, faces[f + 1]), c = at(places, faces[f + 2]);
    const Vec3 own = cross(minus(b, a), minus(c, a));
    if (dot(own, own) == 0) continue;  // nothing of it is seen
    double together = 0;
    for (size_t i = 0; i < 3; ++i) {
      const Vec3 normal = at(normals, faces[f + i]);
      const double length = dot(normal, normal);
      if (!(length > 0 && std::isfinite(length))) return false;
      together += dot(own, normal) / std::sqrt(length);
    }
    if (together < 0) std::swap(faces[f + 1], faces[f + 2]);
  }
  return true;
}

std::vector<float> smooth_normals(std::span<const float> places, std::span<const uint32_t> faces) {
  std::vector<float> normals(places.size());
  for (size_t f = 0; f + 2 < faces.size(); f += 3) {
    const Vec3 a = at(places, faces[f]), b = at(places, faces[f + 1]), c = at(places, faces[f + 2]);
    const Vec3 ab = minus(b, a), ac = minus(c, a), bc = minus(c, b);
    const Vec3 normal = unit(cross(ab, ac));
    if (!(dot(normal, normal) > 0)) continue;
    add(normals, faces[f], normal, angle_between(ab, ac));
    add(normals, faces[f + 1], normal, angle_between(bc, minus({}, ab)));
    add(normals, faces[f + 2], normal, angle_between(ac, bc));
  }
  for (size_t v = 0; v + 2 < normals.size(); v += 3) {
    const Vec3 normal = unit(
        {static_cast<double>(normals[v]), static_cast<double>(normals[v + 1]), static_cast<double>(normals[v + 2])});
    for (size_t i = 0; i < 3; ++i) normals[v + i] = static_cast<float>(normal[i]);
  }
  return normals;
}

}  // namespace forge::graphics
