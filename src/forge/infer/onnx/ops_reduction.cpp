#include "forge/array/ops/reduce.hpp"

#include <algorithm>

#include "forge/array/ops/scan.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Reductions, and what runs along an axis.
namespace forge::infer::onnx {

namespace {

struct Axes {
  Ints list;
  bool keep;
};

Axes axes_of(Call& n, int64_t inputs_from) {
  const size_t count = n.shape(0).size();
  Ints given = n.opset() < inputs_from ? n.ints("axes") : n.has(1) ? n.ints(1) : Ints{};
  Axes axes{{}, n.whole("keepdims", 1) != 0};
  if (given.empty() && n.whole("noop_with_empty_axes", 0) != 0) return axes;
  if (given.empty())
    for (size_t i = 0; i < count; ++i) axes.list.push_back(static_cast<int64_t>(i));
  for (const int64_t axis : given) axes.list.push_back(static_cast<int64_t>(n.axis(axis, count)));
  std::sort(axes.list.begin(), axes.list.end());
  axes.list.erase(std::unique(axes.list.begin(), axes.list.end()), axes.list.end());
  return axes;
}

Outputs finished(Call& n, const Lazy& value, const Axes& axes) {
  if (axes.keep || axes.list.empty()) return value;
  Dims shape;
  for (size_t i = 0; i < value.shape().size(); ++i)
    if (std::find(axes.list.begin(), axes.list.end(), static_cast<int64_t>(i)) == axes.list.end())
      shape.push_back(value.shape()[i]);
  return reshaped(n.stream().dense(value), shape);
}

Lazy magnitude(const Lazy& x) { return op(Elementwise::abs, x); }

// `from`: the opset from which axes are an input.
template <Reduce how, int64_t from>
Outputs plain(Call& n) {
  const Axes axes = axes_of(n, from);
  const bool yes_or_no = n[0].dtype() == DType::bool_;
  const Lazy value = yes_or_no ? array::cast(n[0], DType::uint8) : n[0];
  return finished(n, array::cast(reduced(n, value, how, axes.list), n[0].dtype()), axes);
}
Outputs mean_of(Call& n) {
  const Axes axes = axes_of(n, 18);
  return finished(n, mean(n, n[0], axes.list), axes);
}
Outputs sum_of_sizes(Call& n) {
  const Axes axes = axes_of(n, 18);
  return finished(n, reduced(n, magnitude(n[0]), Reduce::sum, axes.list), axes);
}
Outputs sum_of_squares(Call& n) {
  const Axes axes = axes_of(n, 18);
  return finished(n, reduced(n, n[0] * n[0], Reduce::sum, axes.list), axes);
}
Outputs length(Call& n) {
  const Axes axes = axes_of(n, 18);
  const Lazy root = op(Elementwise::sqrt, reduced(n, n[0] * n[0], Reduce::sum, axes.list));
  return finished(n, array::cast(root, n[0].dtype()), axes);
}
Outputs log_of_sum(Call& n) {
  const Axes axes = axes_of(n, 18);
  return finished(n, array::cast(op(Elementwise::log, reduced(n, n[0], Reduce::sum, axes.list)), n[0].dtype()), axes);
}
Outputs log_of_sum_of_powers(Call& n) {
  const Axes axes = axes_of(n, 18);
  if (axes.list.empty()) return n[0];
  const Lazy highest = reduced(n, n[0], Reduce::max, axes.list);
  const Lazy base = where(op(Elementwise::isfinite, highest), highest, like(highest, 0));
  const Lazy sum = reduced(n, op(Elementwise::exp, n[0] - base), Reduce::sum, axes.list);
  return finished(n, array::cast(op(Elementwise::log, sum) + base, n[0].dtype()), axes);
}

template <bool highest>
Outputs place_of(Call& n) {
  const size_t axes = n.shape(0).size(), axis = n.axis("axis", 0, axes);
  const int64_t count = n.shape(0)[axis];
  if (count == 0) n.refuse("an axis without elements has no largest one", "1 element or more", to_string(n.shape(0)));
  const bool last = n.whole("select_last_index", 0) != 0;
  const Array in = last ? n.stream().dense(strided(n.array(0), axis, count - 1, count, -1)) : n.dense(0);
  const Array found = n.stream().run([&](vk::Commands& commands) {
    return array::reduce(commands, in, highest ? array::Operation::argmax : array::Operation::argmin,
                         Dims{static_cast<int64_t>(axis)}, true);
  });
  const Lazy place = array::cast(found, DType::int64);
  const Lazy value = last ? static_cast<double>(count - 1) - place : place;
  return finished(n, value, {{static_cast<int64_t>(axis)}, n.whole("keepdims", 1) != 0});
}

template <array::Operation how>
Outputs running(Call& n) {
  const Array in = n.dense(0);
  const auto axis = static_cast<int64_t>(n.axis(n.whole(1), in.shape().size()));
  const array::ScanOrder order{n.whole("exclusive", 0) != 0, n.whole("reverse", 0) != 0};
  const Array sums =
      n.stream().run([&](vk::Commands& commands) { return array::scan(commands, in, how, axis, order); });
  return array::cast(sums, in.dtype());
}

constexpr OperatorRow kRows[] = {
    {"ArgMax", 1, place_of<true>},
    {"ArgMin", 1, place_of<false>},
    {"CumProd", 26, running<array::Operation::prod>},
    {"CumSum", 11, running<array::Operation::sum>},
    {"ReduceL1", 1, sum_of_sizes},
    {"ReduceL2", 1, length},
    {"ReduceLogSum", 1, log_of_sum},
    {"ReduceLogSumExp", 1, log_of_sum_of_powers},
    {"ReduceMax", 1, plain<Reduce::max, 18>},
    {"ReduceMean", 1, mean_of},
    {"ReduceMin", 1, plain<Reduce::min, 18>},
    {"ReduceProd", 1, plain<Reduce::prod, 18>},
    {"ReduceSum", 1, plain<Reduce::sum, 13>},
    {"ReduceSumSquare", 1, sum_of_squares},
};

}  // namespace

std::span<const OperatorRow> reduction_ops() { return kRows; }

}  // namespace forge::infer::onnx
