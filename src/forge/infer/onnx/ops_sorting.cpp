#include <algorithm>

#include "forge/array/ops/sort.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Order.
namespace forge::infer::onnx {

namespace {

Ints with_last(size_t axis, size_t axes) {  // an order of axes that puts one last; it is its own way back
  Ints order;
  for (size_t i = 0; i < axes; ++i) order.push_back(static_cast<int64_t>(i));
  std::swap(order[axis], order[axes - 1]);
  return order;
}

Outputs top_k(Call& n) {
  const size_t axes = n.shape(0).size();
  if (axes == 0) n.refuse("a number has no axis", "one axis or more", "()");
  const size_t axis = n.axis("axis", -1, axes);
  const int64_t k = n.opset() < 10 ? n.whole("k", 1) : n.whole(1), extent = n.shape(0)[axis];
  if (k < 0 || k > extent)
    n.refuse("there are not so many elements", "0 to " + std::to_string(extent), std::to_string(k));
  const bool largest = n.whole("largest", 1) != 0;
  const Ints order = with_last(axis, axes);
  const Array keys = n.stream().dense(permuted(n.array(0), order));
  Dims spread = keys.shape();
  const Lazy places = counting(n, extent, axes - 1, axes, DType::int32);
  const Array values = n.stream().array(array::copy(array::broadcast_to(places, spread)));
  const auto sorted =
      n.stream().run([&](vk::Commands& commands) { return array::sort_pairs(commands, keys, values, largest); });
  const auto first = [&](const Array& all) { return permuted(strided(all, axes - 1, 0, k), order); };
  return {Lazy(first(sorted.keys)), array::cast(first(sorted.values), DType::int64)};
}

constexpr OperatorRow kRows[] = {
    {"TopK", 1, top_k},
};

}  // namespace

std::span<const OperatorRow> sorting_ops() { return kRows; }

}  // namespace forge::infer::onnx
