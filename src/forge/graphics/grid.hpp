#pragma once

#include <array>
#include <cstdint>

#include "forge/graphics/owned.hpp"

namespace forge::graphics {

/// A flat grid of triangles, centred on the origin; vertices row-major, x fastest.
struct Grid {
  Owned<float> xy;           // (nx * nz, 2)
  Owned<float> uv;           // (nx * nz, 2), 0..1 along x and z
  Owned<uint32_t> indices;   // (6 (nx-1) (nz-1)), counter-clockwise
};

/// Throws INVALID_ARGUMENT for fewer than 2 vertices a side, a spacing that is not finite and positive, and more
/// vertices than 32-bit indices can name.
void check_grid(int64_t nx, int64_t nz, std::array<double, 2> spacing);
Grid grid_generate(int64_t nx, int64_t nz, std::array<double, 2> spacing = {1, 1});

}  // namespace forge::graphics
