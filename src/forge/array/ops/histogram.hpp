#pragma once

#include <vector>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// Counts (int64) of the elements of an array of integers or real floats in each bin, as np.histogram: a bin holds its lower
/// edge, the last one both; NaN and what lies outside count nowhere.
struct Edges {
  std::vector<double> at;  // rising
  std::vector<int> rest;  // beyond 2^53: what `at` leaves of whole edges, or of equal bins' whole limits; else empty
  bool even = false;  // equally spaced
};
Array histogram(vk::Commands& commands, const Array& in, const Edges& edges);

/// Counts (int64) of 0, 1, 2, ... in an array of integers; at least `minlength` of them. Waits for the largest value.
Array bincount(vk::Commands& commands, const Array& in, int64_t minlength);

/// The smallest and the largest element of a non-empty array of integers or real floats. Waits.
struct Span {
  Array low, high;
};
Span span_of(vk::Commands& commands, const Array& in);

}  // namespace forge::array
