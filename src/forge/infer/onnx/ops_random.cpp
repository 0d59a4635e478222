#include <atomic>
#include <bit>
#include <random>

#include "forge/array/ops/random.hpp"
#include "forge/array/ops/scan.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/trace.hpp"

// Random values. A node with a seed gives the same ones in every run, so that they are computed once; without one each run
// draws others, and the model runs node by node.
namespace forge::infer::onnx {

namespace {

array::Generator generator_of(Call& n) {
  if (n.has_attribute("seed")) return array::Generator(std::bit_cast<uint64_t>(n.real("seed", 0)));
  if (n.trace().later().records()) throw NeedsValues{n.node().text()};
  static std::atomic<uint64_t> draws{0};
  static const uint64_t process = std::random_device{}();
  return array::Generator(process, ++draws % array::Generator::kStreams);
}

DType wanted_dtype(Call& n, DType otherwise) {
  return n.has_attribute("dtype") ? dtype_of_number(n, n.whole("dtype", 1)) : otherwise;
}

// Uniform between two bounds, or normal around a mean.
Outputs drawn(Call& n, const Dims& shape, DType dtype, bool normal) {
  if (!is_float(dtype)) n.refuse("random values are floats", "a float", std::string(name_of(dtype)));
  array::Generator generator = generator_of(n);
  const DType wide = dtype == DType::float64 ? dtype : DType::float32;
  if (element_count(shape) == 0) return fresh(n, dtype, shape);
  const double first = normal ? n.real("mean", 0) : n.real("low", 0);
  const double second = normal ? n.real("scale", 1) : n.real("high", 1);
  const Array values = n.stream().run([&](vk::Commands& commands) {
    return normal ? generator.normal(commands, shape, first, second, wide)
                  : generator.uniform(commands, shape, first, second, wide);
  });
  return array::cast(values, dtype);
}

template <bool normal>
Outputs of_shape(Call& n) {
  const Ints shape = n.ints("shape");
  for (const int64_t extent : shape)
    if (extent < 0) n.refuse("a shape has a negative extent", "0 or more", std::to_string(extent));
  return drawn(n, dims_of(shape), wanted_dtype(n, DType::float32), normal);
}
template <bool normal>
Outputs like_another(Call& n) {
  return drawn(n, n.shape(0), wanted_dtype(n, is_float(n[0].dtype()) ? n[0].dtype() : DType::float32), normal);
}

// Classes by the logarithms of their weights: where a uniform number falls among the running sums.
Outputs multinomial(Call& n) {
  const Dims& shape = n.shape(0);
  const int64_t count = n.whole("sample_size", 1);
  if (shape.size() != 2 || shape[1] < 1 || count < 1)
    n.refuse("the input does not fit", "(N, classes), one sample or more", to_string(shape));
  const DType dtype = wanted_dtype(n, DType::int32);
  array::Generator generator = generator_of(n);
  if (shape[0] == 0) return fresh(n, dtype, {0, count});
  const Array weights = n.stream().dense(softmax(n, array::cast(n[0], DType::float32), 1));
  const auto [sums, uniform] = n.stream().run([&](vk::Commands& commands) {
    return std::pair(array::scan(commands, weights, array::Operation::sum, 1),
                     generator.uniform(commands, {shape[0], count, 1}, 0, 1, DType::float32));
  });
  const Lazy borders = reshaped(sums, {shape[0], 1, shape[1]});
  const Lazy total = reshaped(n.stream().dense(strided(sums, 1, shape[1] - 1, 1)), {shape[0], 1, 1});
  const Lazy passed = array::cast(op(Elementwise::greater_equal, Lazy(uniform) * total, borders), DType::int32);
  const Lazy place = reduced(n, passed, Reduce::sum, {2});
  const Lazy inside = op(Elementwise::minimum, place, like(place, static_cast<double>(shape[1] - 1)));
  return array::cast(reshaped(n.stream().dense(inside), {shape[0], count}), dtype);
}

// Ones as often as each element says. ONNX defines it by comparing the other way round, which gives as many zeros.
Outputs bernoulli(Call& n) {
  const DType dtype = wanted_dtype(n, n[0].dtype()),
              wide = n[0].dtype() == DType::float64 ? DType::float64 : DType::float32;
  const Dims& shape = n.shape(0);
  array::Generator generator = generator_of(n);
  if (element_count(shape) == 0) return fresh(n, dtype, shape);
  const Array uniform =
      n.stream().run([&](vk::Commands& commands) { return generator.uniform(commands, shape, 0, 1, wide); });
  return array::cast(op(Elementwise::less, uniform, array::cast(n[0], wide)), dtype);
}

constexpr OperatorRow kRows[] = {
    {"Bernoulli", 15, bernoulli, "", true},          {"Multinomial", 7, multinomial, "", true},
    {"RandomNormal", 1, of_shape<true>, "", true},   {"RandomNormalLike", 1, like_another<true>, "", true},
    {"RandomUniform", 1, of_shape<false>, "", true}, {"RandomUniformLike", 1, like_another<false>, "", true},
};

}  // namespace

std::span<const OperatorRow> random_ops() { return kRows; }

}  // namespace forge::infer::onnx
