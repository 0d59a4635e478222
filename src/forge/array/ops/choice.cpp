#include "forge/array/ops/choice.hpp"

#include <algorithm>
#include <cmath>

#include "forge/array/ops/elements.hpp"
#include "forge/array/ops/gather.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/random/pick.hpp"

namespace forge::array {

namespace {

constexpr int64_t kPiece = int64_t{1} << 28;  // draws of one dispatch
constexpr uint64_t kGroup = 64;
constexpr double kDraws = 9007199254740992.0;  // 2^53

// Running sums, the last of which is 1.
std::vector<double> running(std::span<const double> chances) {
  std::vector<double> sums(chances.begin(), chances.end());
  for (size_t i = 1; i < sums.size(); ++i) sums[i] += sums[i - 1];
  const double whole = sums.back();
  for (double& sum : sums) sum /= whole;
  return sums;
}

// A draw u of 53 bits lies at or above a sum s where u * 2^53 >= ceil(s * 2^53): whole numbers, which every device has.
std::vector<uint64_t> thresholds_of(std::span<const double> chances) {
  std::vector<uint64_t> thresholds;
  thresholds.reserve(chances.size());
  for (const double sum : running(chances)) thresholds.push_back(static_cast<uint64_t>(std::ceil(sum * kDraws)));
  return thresholds;
}

Array array_of(vk::Commands& commands, DType dtype, const Dims& shape, const void* values) {
  return Array::from_values(commands.device_ptr(), dtype, shape, contiguous_strides(shape, size_of(dtype)), values);
}

Array picked(vk::Commands& commands, Generator& words, const Dims& shape, std::span<const double> chances) {
  if (chances.size() > (size_t{1} << 29))
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many chances to choose by", "at most 2^29",
                std::to_string(chances.size()));
  const std::vector<uint64_t> rising = thresholds_of(chances);
  const auto n = static_cast<int64_t>(rising.size());
  const Array thresholds = array_of(commands, DType::uint64, {n}, rising.data());
  const Array draws = words.bits(commands, shape, DType::uint64);
  Array out = Array::empty(commands.device_ptr(), DType::int64, shape);
  shader::Program& program = shader::program_of<k::pick>(commands.device(), {});
  for (int64_t done = 0; done < out.size(); done += kPiece) {
    const int64_t count = std::min(kPiece, out.size() - done);
    const auto from = static_cast<uint64_t>(done) * 8, bytes = static_cast<uint64_t>(count) * 8;
    shader::dispatch(commands, program,
                     k::pick{.words = draws.bytes().part(from, bytes),
                             .thresholds = thresholds.bytes(),
                             .target = out.bytes().part(from, bytes),
                             .count = static_cast<uint32_t>(count),
                             .n = static_cast<uint32_t>(n)},
                     grid_of(static_cast<uint64_t>(count), kGroup));
  }
  return out;
}

// NumPy's way: draw as many as are missing, keep each once in the order in which they came, take their chances away.
std::vector<int64_t> picked_once(Generator& words, size_t count, std::vector<double> chances) {
  std::vector<int64_t> found;
  std::vector<bool> taken(chances.size(), false);
  while (found.size() < count) {
    const std::vector<double> sums = running(chances);
    for (const uint64_t word : words.bits_on_host(count - found.size())) {
      const double draw = static_cast<double>(word >> 11) / kDraws;
      const auto at = static_cast<size_t>(std::upper_bound(sums.begin(), sums.end(), draw) - sums.begin());
      if (taken[at]) continue;
      taken[at] = true;
      found.push_back(static_cast<int64_t>(at));
    }
    for (size_t i = 0; i < taken.size(); ++i)
      if (taken[i]) chances[i] = 0;
  }
  return found;
}

}  // namespace

Array shuffled(vk::Commands& commands, Generator& words, const Array& in, int64_t axis) {
  if (in.shape().empty())
    throw Error(ErrorCode::BAD_SHAPE, "there is nothing to shuffle", "an array with 1 or more axes", "a single value");
  axis = normal_axis(in.shape(), axis, "shuffle");
  return gather(commands, in, words.permutation(commands, in.shape()[static_cast<size_t>(axis)]), axis,
                IndexMode::trusted);
}

Array chosen(vk::Commands& commands, Generator& words, const Dims& shape, int64_t count, bool distinct) {
  const int64_t size = element_count(shape);
  if (size == 0) return Array::empty(commands.device_ptr(), DType::int64, shape);
  if (!distinct) return words.integers(commands, shape, 0, static_cast<uint64_t>(count), DType::int64);
  const Array order = words.permutation(commands, count);
  return Array::over(order.bytes().part(0, static_cast<uint64_t>(size) * 8), DType::int64, shape);
}

Array chosen(vk::Commands& commands, Generator& words, const Dims& shape, std::span<const double> chances,
             bool distinct) {
  const int64_t size = element_count(shape);
  if (size == 0) return Array::empty(commands.device_ptr(), DType::int64, shape);
  if (!distinct) return picked(commands, words, shape, chances);
  const std::vector<int64_t> found =
      picked_once(words, static_cast<size_t>(size), std::vector<double>(chances.begin(), chances.end()));
  return array_of(commands, DType::int64, shape, found.data());
}

}  // namespace forge::array
