#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace forge::graphics {

/// Unit normals of vertices, (vertices, 3): the mean of their triangles' normals, weighted by the angle at the vertex
/// (Thürmer and Wüthrich 1998), so that the cut of a face into triangles does not show. Vertices of no triangle with an
/// area have 0. Faces name vertices below `places.size() / 3`.
std::vector<float> smooth_normals(std::span<const float> places, std::span<const uint32_t> faces);

/// Exchanges corners of faces until each goes counter-clockwise where the normals of its vertices look, taken together.
/// False where one with an area has a normal that looks nowhere.
bool orient_faces(std::span<const float> places, std::span<const float> normals, std::span<uint32_t> faces);

}  // namespace forge::graphics
