#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace forge::graphics {

/// Unit normals of vertices, (vertices, 3): the mean of their triangles' normals, weighted by the angle at the vertex
/// (Thürmer and Wüthrich 1998), so that the cut of a face into triangles does not show. Vertices of no triangle with an
/// area have 0. Faces name vertices below `places.size() / 3`.
std::vector<float> smooth_normals(std::span<const float> places, std::span<const uint32_t> faces);

}  // namespace forge::graphics
