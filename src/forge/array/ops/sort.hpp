#pragma once

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// Stable radix sorts along the last axis; every row is sorted for itself. NaN comes last in both orders, and -0.0 equals
/// 0.0. Throws LIMIT_EXCEEDED for rows of 4 GiB or more.
Array sort(vk::Commands& commands, const Array& keys, bool descending = false);

/// The order that sorts, as int64.
Array argsort(vk::Commands& commands, const Array& keys, bool descending = false);

struct SortedPairs {
  Array keys;
  Array values;
};
/// Keys with what belongs to each: values of any dtype and of the same shape.
SortedPairs sort_pairs(vk::Commands& commands, const Array& keys, const Array& values, bool descending = false);

}  // namespace forge::array
