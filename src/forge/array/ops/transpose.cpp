#include "forge/array/ops/transpose.hpp"

#include <limits>
#include <utility>

#include "forge/array/ops/words.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/move/transpose.hpp"

namespace forge::array {

namespace {

constexpr uint32_t kTile = 16;

uint32_t tiles(int64_t extent) { return static_cast<uint32_t>((extent + kTile - 1) / kTile); }

}  // namespace

Array transpose(vk::Commands& commands, const Array& in) {
  const size_t dims = in.shape().size();
  if (dims < 2)
    throw Error(ErrorCode::BAD_SHAPE, "transpose of an array with too few axes", "2 or more", std::to_string(dims));
  Dims shape = in.shape();
  std::swap(shape[dims - 2], shape[dims - 1]);
  Array out = Array::empty(commands.device_ptr(), in.dtype(), shape);
  const int64_t rows = shape[dims - 1], columns = shape[dims - 2];
  const vk::BufferRef source = in.bytes(), target = out.bytes();
  if (in.size() == 0) return out;
  if (rows * columns > std::numeric_limits<uint32_t>::max())
    throw Error(ErrorCode::LIMIT_EXCEEDED, "transpose of a matrix with too many elements", "fewer than 2^32",
                std::to_string(rows * columns), "transpose blocks of rows");
  const auto limits = commands.device().limits().max_groups;
  if (tiles(columns) > limits[0] || tiles(rows) > limits[1])
    throw Error(ErrorCode::LIMIT_EXCEEDED, "transpose of a matrix with an extent beyond the device's grid",
                std::to_string(uint64_t{limits[1]} * kTile), to_string(in.shape()), "transpose blocks");
  shader::Program& program =
      shader::program_of<k::transpose>(commands.device(), {{"WORD", word_of(size_of(in.dtype()))}});
  const auto bytes = static_cast<uint64_t>(rows * columns) * size_of(in.dtype());
  for (uint64_t matrix = 0; matrix < in.nbytes(); matrix += bytes)
    shader::dispatch(commands, program,
                     k::transpose{.source = source.part(matrix, bytes),
                                  .target = target.part(matrix, bytes),
                                  .rows = static_cast<uint32_t>(rows),
                                  .columns = static_cast<uint32_t>(columns)},
                     {tiles(columns), tiles(rows), 1});
  return out;
}

}  // namespace forge::array
