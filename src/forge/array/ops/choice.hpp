#pragma once

#include <span>
#include <vector>

#include "forge/array/ops/random.hpp"

// What a generator draws from something that is there already. docs/random.md has the rules, and the same in NumPy.
namespace forge::array {

/// The entries of an axis in random order: that of the generator's `permutation`.
Array shuffled(vk::Commands& commands, Generator& words, const Array& in, int64_t axis);

/// Numbers below `count`, each as likely as any other; `distinct`: none of them twice. int64.
Array chosen(vk::Commands& commands, Generator& words, const Dims& shape, int64_t count, bool distinct);

/// Numbers below the length of `chances`, each as likely as its entry says; `distinct`: none of them twice, by drawing
/// again as NumPy does, on the host. Chances are not negative and their sum is 1. int64.
Array chosen(vk::Commands& commands, Generator& words, const Dims& shape, std::span<const double> chances,
             bool distinct);

}  // namespace forge::array
