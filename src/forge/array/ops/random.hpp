#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// Philox4x32-10: a line of 32-bit words, each a function of seed, stream and position alone, so equal on every device.
/// docs/random.md says which words make which value. Safe to use from any thread; each call takes words of its own.
class Generator {
 public:
  static constexpr uint64_t kStreams = uint64_t{1} << 56;

  explicit Generator(uint64_t seed, uint64_t stream = 0, uint64_t position = 0);  // stream < kStreams

  uint64_t seed() const { return seed_; }
  uint64_t stream() const { return stream_; }
  uint64_t position() const { return position_.load(); }  // the next word
  void seek(uint64_t position) { position_.store(position); }

  /// uint32 or uint64 words.
  Array bits(vk::Commands& commands, const Dims& shape, DType dtype);
  /// float32 or float64 values in [low, high).
  Array uniform(vk::Commands& commands, const Dims& shape, double low, double high, DType dtype);
  /// float32 or float64 values of a mean and a standard deviation.
  Array normal(vk::Commands& commands, const Dims& shape, double loc, double scale, DType dtype);
  /// Integers of any dtype: low, ..., low + count - 1, without bias; a count of 0 stands for 2^64. Both in two's complement.
  Array integers(vk::Commands& commands, const Dims& shape, uint64_t low, uint64_t count, DType dtype);
  /// 0, ..., count - 1 in random order, as int64: the order that sorts `count` words of 64 bits.
  Array permutation(vk::Commands& commands, int64_t count);
  /// The words that bits() of uint64 would give, made by the host.
  std::vector<uint64_t> bits_on_host(size_t count);
  /// The seed of the child with this number: no word of this generator.
  uint64_t child_seed(uint64_t number) const;

 private:
  struct Recipe;
  Array fill(vk::Commands& commands, const Dims& shape, DType dtype, const Recipe& recipe);
  uint64_t take(uint64_t words, bool even);

  uint64_t seed_, stream_;
  std::atomic<uint64_t> position_;
};

/// The function itself, on the host.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

}  // namespace forge::array
