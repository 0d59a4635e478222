#include "forge/array/ops/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "forge/array/ops/groups.hpp"
#include "forge/array/ops/sort.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/random/fill.hpp"

namespace forge::array {

namespace {

using Pair = std::array<uint32_t, 2>;  // 64 bits, the lower half first

constexpr uint64_t kPiece = uint64_t{1} << 28;  // values of one dispatch: every index in it stays below 2^31
constexpr uint64_t kGroupWords = uint64_t{64} * 4 * 4;    // threads of a group, blocks of a thread, words of a block

Pair halves(uint64_t bits) { return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)}; }

Pair bits_of(double value, bool wide) {
  if (wide) return halves(std::bit_cast<uint64_t>(value));
  return {std::bit_cast<uint32_t>(static_cast<float>(value)), 0};
}

void check_float(DType dtype, const char* what) {
  if (dtype != DType::float32 && dtype != DType::float64)
    throw Error(ErrorCode::BAD_DTYPE, std::string(what) + " makes no such values", "float32 or float64",
                std::string(name_of(dtype)));
}

void check_finite(double a, double b, const char* what, const char* names) {
  if (!std::isfinite(a) || !std::isfinite(b))
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(what) + " of something that is not finite",
                std::string("finite ") + names, std::to_string(a) + ", " + std::to_string(b));
}

template <class Float>
double last_below(double high) {
  return std::nextafter(static_cast<Float>(high), -std::numeric_limits<Float>::infinity());
}

// The factor as the device will hold it: a difference of values that are already rounded, rounded.
double factor_of(double low, double high, bool wide) {
  return wide ? high - low : static_cast<double>(static_cast<float>(high) - static_cast<float>(low));
}

}  // namespace

struct Generator::Recipe {
  std::string kind;
  bool wide = false;  // two words to a value
  std::string store = {};  // GLSL type of integers
  Pair low = {}, range = {}, reject = {};
};

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return c;
}

Generator::Generator(uint64_t seed, uint64_t stream, uint64_t position)
    : seed_(seed), stream_(stream), position_(position) {
  if (stream >= kStreams)
    throw Error(ErrorCode::INVALID_ARGUMENT, "no such stream of a Generator", "below 2^56", std::to_string(stream));
}

uint64_t Generator::child_seed(uint64_t number) const {
  const Pair counter = halves(number), stream = halves(stream_);
  const auto words = philox({counter[0], counter[1], stream[0], stream[1] | 0xFF000000u}, halves(seed_));
  return words[0] | uint64_t{words[1]} << 32;
}

std::vector<uint64_t> Generator::bits_on_host(size_t count) {
  const uint64_t start = take(uint64_t{count} * 2, true);
  const Pair stream = halves(stream_);
  std::vector<uint64_t> made(count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t at = start + i * 2;
    const Pair block = halves(at / 4);
    const auto words = philox({block[0], block[1], stream[0], stream[1]}, halves(seed_));
    made[i] = words[at % 4] | uint64_t{words[at % 4 + 1]} << 32;
  }
  return made;
}

uint64_t Generator::take(uint64_t words, bool even) {
  uint64_t seen = position_.load(), first = 0;
  do {
    first = seen + (even ? seen & 1 : 0);
    if (first < seen || words > std::numeric_limits<uint64_t>::max() - first)
      throw Error(ErrorCode::LIMIT_EXCEEDED, "the Generator has run out of words", "2^64 in a stream",
                  "position " + std::to_string(seen), "go on with another stream, or seek");
  } while (!position_.compare_exchange_weak(seen, first + words));
  return first;
}

Array Generator::fill(vk::Commands& commands, const Dims& shape, DType dtype, const Recipe& recipe) {
  if (dtype == DType::float64) commands.device().require("shaderFloat64", "random values of float64");
  shader::Defines defines{{"KIND_" + recipe.kind, "1"}, {"WIDE", recipe.wide ? "1" : "0"}};
  if (!recipe.store.empty()) defines["STORE"] = recipe.store;
  if (recipe.store == "uvec2") defines["STORE_WIDE"] = "1";
  shader::Program& program = shader::program_of<k::fill>(commands.device(), defines);
  Array out = Array::empty(commands.device_ptr(), dtype, shape);
  const uint64_t width = recipe.wide ? 2 : 1, total = static_cast<uint64_t>(out.size());
  const uint64_t start = take(total * width, recipe.wide);
  for (uint64_t done = 0; done < total; done += kPiece) {
    const uint64_t count = std::min(kPiece, total - done), first = start + done * width;
    const auto skipped = static_cast<uint32_t>(first % 4);
    shader::dispatch(commands, program,
                     k::fill{.target = out.bytes().part(done * size_of(dtype), count * size_of(dtype)),
                             .key = halves(seed_),
                             .first = halves(first / 4),
                             .stream = halves(stream_),
                             .skipped = skipped,
                             .count = static_cast<uint32_t>(count),
                             .low = recipe.low,
                             .range = recipe.range,
                             .reject = recipe.reject},
                     grid_of(skipped + count * width, kGroupWords));
  }
  return out;
}

Array Generator::bits(vk::Commands& commands, const Dims& shape, DType dtype) {
  if (dtype != DType::uint32 && dtype != DType::uint64)
    throw Error(ErrorCode::BAD_DTYPE, "bits makes no such values", "uint32 or uint64", std::string(name_of(dtype)));
  return fill(commands, shape, dtype, {.kind = "WORDS", .wide = dtype == DType::uint64});
}

Array Generator::uniform(vk::Commands& commands, const Dims& shape, double low, double high, DType dtype) {
  check_float(dtype, "uniform");
  const bool wide = dtype == DType::float64;
  const double factor = factor_of(low, high, wide);
  check_finite(low, factor, "uniform", "low and high - low");
  if (low > high)
    throw Error(ErrorCode::INVALID_ARGUMENT, "uniform of an empty range", "low <= high",
                std::to_string(low) + ", " + std::to_string(high));
  double last = wide ? last_below<double>(high) : last_below<float>(high);
  if (factor == 0) last = high;  // one value only
  return fill(commands, shape, dtype,
              {.kind = "UNIFORM",
               .wide = wide,
               .low = bits_of(low, wide),
               .range = bits_of(factor, wide),
               .reject = bits_of(last, wide)});
}

Array Generator::normal(vk::Commands& commands, const Dims& shape, double loc, double scale, DType dtype) {
  check_float(dtype, "normal");
  const bool wide = dtype == DType::float64;
  check_finite(wide ? loc : static_cast<float>(loc), wide ? scale : static_cast<float>(scale), "normal",
               "loc and scale");
  if (scale < 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "normal of a negative deviation", "scale >= 0", std::to_string(scale));
  return fill(commands, shape, dtype,
              {.kind = "NORMAL", .wide = wide, .low = bits_of(loc, wide), .range = bits_of(scale, wide)});
}

Array Generator::integers(vk::Commands& commands, const Dims& shape, uint64_t low, uint64_t count, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (row.kind != 'i' && row.kind != 'u')
    throw Error(ErrorCode::BAD_DTYPE, "integers makes no such values", "an integer dtype", std::string(row.name));
  constexpr uint64_t kWord = uint64_t{1} << 32;
  const bool wide = count == 0 || count > kWord;
  if (wide && row.size != 8)
    throw Error(ErrorCode::INVALID_ARGUMENT, "integers of a range beyond the dtype", std::string(row.name),
                std::to_string(count) + " values");
  const uint64_t range = count == kWord ? 0 : count;
  const uint64_t rest = range == 0 ? 0 : wide ? (0 - range) % range : (kWord - range) % range;
  return fill(commands, shape, dtype,
              {.kind = "INTEGERS",
               .wide = wide,
               .store = row.size == 8 ? "uvec2" : std::string(row.glsl),
               .low = halves(low),
               .range = halves(range),
               .reject = halves(rest)});
}

Array Generator::permutation(vk::Commands& commands, int64_t count) {
  if (count < 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a permutation of fewer than no values", "0 or more",
                std::to_string(count));
  return argsort(commands, bits(commands, {count}, DType::uint64));
}

}  // namespace forge::array
