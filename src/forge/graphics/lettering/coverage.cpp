#include "forge/graphics/lettering/coverage.hpp"

#include <string>

#include "forge/core/error.hpp"

namespace forge::graphics {

Coverage Coverage::blank(const Clip& edges) {
  Coverage area;
  if (edges.left >= edges.right || edges.top >= edges.bottom) return area;
  area.left = edges.left;
  area.top = edges.top;
  area.width = static_cast<uint32_t>(edges.right - edges.left);
  area.height = static_cast<uint32_t>(edges.bottom - edges.top);
  if (uint64_t{area.width} * area.height > uint64_t{1} << 28)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "text or a shape is too large", "2^28 pixels at most",
                std::to_string(area.width) + " x " + std::to_string(area.height), "make it smaller or shorter");
  area.data.assign(size_t{area.width} * area.height, 0);
  return area;
}

}  // namespace forge::graphics
