#pragma once

#include <array>
#include <optional>

#include "forge/array/fuse/lazy.hpp"

// Views of values that are not computed: the same expression over views of its arrays.
namespace forge::array {

/// Which elements of a source a view shows, and in what order: basic indexing, axes moved, axes added.
struct View {
  static constexpr int kNew = -1;
  Dims shape;                           // of the view
  std::array<int, kMaxDims> source{};   // axis of the source that each of its axes goes along; kNew: none
  Dims step;                            // places along it from one element to the next
  Dims first;                           // of each axis of the source: where the view begins

  /// An axis behind the others.
  void add(int from, int64_t extent, int64_t places) {
    source[shape.size()] = from;
    shape.push_back(extent);
    step.push_back(places);
  }
  /// Of memory.
  Array of(const Array& whole) const;
};

/// The view of a value as an expression of its own; nothing where computing the value first is the way: it is not elementwise,
/// or costly and would be computed again along new axes.
std::optional<Lazy> viewed(const Lazy& value, const View& view);

/// The same for another shape of as many elements, in C order.
std::optional<Lazy> reshaped(const Lazy& value, const Dims& shape);

}  // namespace forge::array
