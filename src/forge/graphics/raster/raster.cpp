#include "forge/graphics/raster/raster.hpp"

#include <limits>

#include "forge/core/error.hpp"

namespace forge::graphics {

RasterSize raster_size(const array::Array& heights, const std::string& what) {
  if (heights.dtype() != DType::float32)
    throw Error(ErrorCode::BAD_DTYPE, what + " of heights of another dtype", "float32",
                std::string(dtype_row(heights.dtype()).name), "convert them: heights.astype(np.float32)");
  if (heights.shape().size() != 2)
    throw Error(ErrorCode::BAD_SHAPE, what + " of heights of another shape",
                "2 axes: rows from north, columns from west", to_string(heights.shape()));
  constexpr int64_t most = std::numeric_limits<int32_t>::max();  // shaders number cells with 32 bits
  const int64_t rows = heights.shape()[0], columns = heights.shape()[1];
  if (rows > most || columns > most || (columns > 0 && rows > most / columns))
    throw Error(ErrorCode::LIMIT_EXCEEDED, what + " of too many heights", "at most 2**31 - 1",
                to_string(heights.shape()), "work in tiles");
  return {static_cast<uint32_t>(rows), static_cast<uint32_t>(columns)};
}

}  // namespace forge::graphics
