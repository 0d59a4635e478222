#include "forge/graphics/grid.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/graphics/text.hpp"

namespace forge::graphics {

namespace {

struct Axis {
  std::vector<float> position;
  std::vector<float> fraction;

  Axis(size_t n, double spacing) : position(n), fraction(n) {
    const double last = static_cast<double>(n - 1);
    for (size_t i = 0; i < n; ++i) {
      position[i] = static_cast<float>((static_cast<double>(i) - last / 2) * spacing);
      fraction[i] = static_cast<float>(static_cast<double>(i) / last);
    }
  }
};

void fill_vertices(const std::vector<float>& x, const std::vector<float>& z, float* out) {
  for (float row : z)
    for (float column : x) *out++ = column, *out++ = row;
}

void fill_indices(uint32_t nx, uint32_t nz, uint32_t* out) {
  for (uint32_t j = 0; j + 1 < nz; ++j)
    for (uint32_t i = 0; i + 1 < nx; ++i, out += 6) {
      const uint32_t a = j * nx + i;
      out[0] = a, out[1] = a + 1, out[2] = a + nx;
      out[3] = a + nx, out[4] = a + 1, out[5] = a + nx + 1;
    }
}

}  // namespace

void check_grid(int64_t nx, int64_t nz, std::array<double, 2> spacing) {
  const std::string size = tuple_text(nx, nz);
  if (nx < 2 || nz < 2) throw Error(ErrorCode::INVALID_ARGUMENT, "nx and nz must be >= 2", {}, size);
  const int64_t counts[] = {nx, nz};
  for (size_t i = 0; i < 2; ++i) {
    // checked as float32, which is what the positions are
    const bool works = std::isfinite(static_cast<float>(spacing[i] * static_cast<double>(counts[i]))) &&
                       static_cast<float>(spacing[i]) > 0;
    if (!works)
      throw Error(ErrorCode::INVALID_ARGUMENT, "spacing components must be finite and > 0", {},
                  tuple_text(spacing[0], spacing[1]));
  }
  if (nx > (int64_t{1} << 32) / nz)
    throw Error(ErrorCode::INVALID_ARGUMENT, "grid is too large", "nx * nz <= 2**32, the reach of uint32 indices",
                size);
}

Grid grid_generate(int64_t nx, int64_t nz, std::array<double, 2> spacing) {
  check_grid(nx, nz, spacing);
  const auto columns = static_cast<size_t>(nx), rows = static_cast<size_t>(nz);
  const Axis x(columns, spacing[0]), z(rows, spacing[1]);
  Grid grid{Owned<float>(2 * columns * rows), Owned<float>(2 * columns * rows),
            Owned<uint32_t>(6 * (columns - 1) * (rows - 1))};
  fill_vertices(x.position, z.position, grid.xy.data.get());
  fill_vertices(x.fraction, z.fraction, grid.uv.data.get());
  fill_indices(static_cast<uint32_t>(nx), static_cast<uint32_t>(nz), grid.indices.data.get());
  return grid;
}

}  // namespace forge::graphics
