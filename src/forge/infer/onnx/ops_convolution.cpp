#include <algorithm>

#include "forge/array/fuse/product.hpp"
#include "forge/array/ops/convolve.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/windows.hpp"

// Convolutions are lazy products: scales, biases, residuals and activations behind them are computed as sums are stored.
namespace forge::infer::onnx {

namespace {

Lazy with_bias(Call& n, const Lazy& value, size_t bias) {
  if (!n.has(bias)) return value;
  Dims shape{n.shape(bias).empty() ? 1 : n.shape(bias)[0]};
  while (shape.size() + 1 < value.shape().size()) shape.push_back(1);
  return value + Lazy(reshaped(n.dense(bias), shape));
}

array::ConvolveOptions options_of(Call& n, const Dims& kernel) {
  const Windows windows = windows_of(n, kernel);
  array::ConvolveOptions options;
  options.stride = windows.stride, options.dilation = windows.dilation;
  options.before = windows.before, options.after = windows.after;
  options.groups = n.whole("group", 1);
  return options;
}

Dims kernel_of(const Call& n, size_t weights) {
  Dims kernel;
  for (size_t i = 2; i < n.shape(weights).size(); ++i) kernel.push_back(n.shape(weights)[i]);
  return kernel;
}

Outputs conv(Call& n) {
  const array::ConvolveOptions options = options_of(n, kernel_of(n, 1));
  return with_bias(n, array::convolution(n.dense(0), n.dense(1), options), 2);
}

// Zeros between the elements of an axis.
Lazy spread(Call& n, const Lazy& x, const Dims& stride, const Dims& more) {
  Dims shape = x.shape();
  bool same = true;
  for (size_t i = 0; i < stride.size(); ++i) {
    if (shape[i + 2] > 0) shape[i + 2] = (shape[i + 2] - 1) * stride[i] + 1 + more[i];
    same = same && stride[i] == 1 && more[i] == 0;
  }
  if (same) return x;
  const Array out =
      n.stream().array(array::copy(array::broadcast_to(Lazy(host_array(n, Reals{0}, {}, x.dtype())), shape)));
  Array places = out;
  for (size_t i = 0; i < stride.size(); ++i) places = strided(places, i + 2, 0, x.shape()[i + 2], stride[i]);
  n.stream().assign(places, x);
  return out;
}

// (C, M / groups, kernel...) as the kernels of the convolution that goes the other way: (M, C / groups, kernel turned).
Array turned(Call& n, int64_t groups) {
  const Array w = n.dense(1);
  Ints shape{groups, w.shape()[0] / groups, w.shape()[1]}, order{0, 2, 1};
  Dims made{w.shape()[1] * groups, w.shape()[0] / groups};
  for (size_t i = 2; i < w.shape().size(); ++i) {
    shape.push_back(w.shape()[i]), made.push_back(w.shape()[i]);
    order.push_back(static_cast<int64_t>(i) + 1);
  }
  Array view = permuted(reshaped(w, dims_of(shape)), order);
  for (size_t i = 3; i < view.shape().size(); ++i) view = strided(view, i, view.shape()[i] - 1, view.shape()[i], -1);
  return reshaped(n.stream_of(n.tensor(1).known).dense(Lazy(view)), made);
}

// (C, M, kernel...) as filters of one place each: (kernel places * M, C, 1...).
Array taps_of(Call& n) {
  const Array w = n.dense(1);
  const int64_t in = w.shape()[0], filters = w.shape()[1], taps = element_count(kernel_of(n, 1));
  const Array view = permuted(reshaped(w, {in, filters, taps}), {2, 1, 0});
  Dims made{taps * filters, in};
  while (made.size() < w.shape().size()) made.push_back(1);
  return reshaped(n.stream_of(n.tensor(1).known).dense(Lazy(view)), made);
}

// Windows that lie side by side: what each place of the kernel makes of the input goes to places of its own.
Lazy side_by_side(Call& n, const Dims& kernel) {
  const size_t axes = kernel.size();
  const int64_t filters = n.shape(1)[1], taps = element_count(kernel);
  array::ConvolveOptions options;
  const Ints ones(axes, 1), none(axes, 0);
  options.stride = options.dilation = dims_of(ones), options.before = options.after = dims_of(none);
  const Array made = n.stream().array(array::convolution(n.dense(0), taps_of(n), options));
  Dims shape{n.shape(0)[0], filters};
  for (size_t i = 0; i < axes; ++i) shape.push_back(n.shape(0)[i + 2] * kernel[i]);
  const Array out = fresh(n, made.dtype(), shape);
  for (int64_t tap = 0; tap < taps; ++tap) {
    Array places = out;
    int64_t rest = tap;
    for (size_t i = axes; i-- > 0; rest /= kernel[i])
      places = strided(places, i + 2, rest % kernel[i], n.shape(0)[i + 2], kernel[i]);
    n.stream().assign(places, Lazy(strided(made, 1, tap * filters, filters, 1)));
  }
  return out;
}

Outputs conv_transpose(Call& n) {
  const Dims kernel = kernel_of(n, 1);
  const size_t axes = kernel.size();
  const int64_t groups = n.whole("group", 1);
  if (groups < 1 || n.shape(0).size() != axes + 2 || axes == 0 || n.shape(0)[1] != n.shape(1)[0] ||
      n.shape(1)[0] % groups != 0)
    n.refuse("x and W do not fit", "(N, C, places...) and (C, M / group, kernel...)",
             to_string(n.shape(0)) + " and " + to_string(n.shape(1)));
  const Windows w = windows_of(n, kernel);
  const Ints given = n.ints("output_padding", Ints(axes, 0)), sizes = n.ints("output_shape");
  if (given.size() != axes || std::any_of(given.begin(), given.end(), [](int64_t v) { return v < 0; }))
    n.refuse("output_padding does not fit", std::to_string(axes) + " numbers from 0 on",
             std::to_string(given.size()) + " numbers");
  if (!sizes.empty() && sizes.size() < axes)
    n.refuse("output_shape does not fit", std::to_string(axes) + " numbers", std::to_string(sizes.size()) + " numbers");
  Dims before, after, more;
  bool apart = groups == 1 && element_count(n.shape(0)) > 0 && element_count(kernel) > 1;
  array::ConvolveOptions options;
  Ints cut_first(axes, 0), cut_last(axes, 0);
  for (size_t i = 0; i < axes; ++i) {
    const int64_t covered = w.dilation[i] * (kernel[i] - 1), in = n.shape(0)[i + 2];
    int64_t low = w.before[i], high = w.after[i];
    if (!sizes.empty() || w.same) {
      const int64_t wanted = sizes.empty() ? in * w.stride[i] : sizes[sizes.size() - axes + i];
      const int64_t all = (in - 1) * w.stride[i] + given[i] + covered + 1 - wanted;
      // Of an odd number the larger half comes first but for SAME_UPPER; what is added instead of cut comes last.
      low = all / 2 + (w.same_upper || all < 0 ? 0 : all % 2), high = all - low;
    }
    apart = apart && kernel[i] == w.stride[i] && w.dilation[i] == 1 && low == 0 && high == 0 && given[i] == 0;
    // What is put around the spread input; less than nothing is cut off the result.
    const int64_t first = covered - low, last = covered - high;
    options.before.push_back(std::max<int64_t>(first, 0)), options.after.push_back(std::max<int64_t>(last, 0));
    cut_first[i] = std::max<int64_t>(-first, 0), cut_last[i] = std::max<int64_t>(-last, 0);
    options.stride.push_back(1), options.dilation.push_back(w.dilation[i]);
    more.push_back(given[i]);
  }
  if (apart) return with_bias(n, side_by_side(n, kernel), 2);
  options.groups = groups;
  const Array x = n.stream().dense(spread(n, n[0], w.stride, more));
  const Lazy made = with_bias(n, array::convolution(x, turned(n, groups), options), 2);
  const bool cuts = std::any_of(cut_first.begin(), cut_first.end(), [](int64_t c) { return c > 0; }) ||
                    std::any_of(cut_last.begin(), cut_last.end(), [](int64_t c) { return c > 0; });
  if (!cuts) return made;
  Array out = n.stream().array(made);
  for (size_t i = 0; i < axes; ++i)
    out = strided(out, i + 2, cut_first[i], out.shape()[i + 2] - cut_first[i] - cut_last[i]);
  return out;
}

// Whole numbers of 8 bits: sums of less than 2^24 are exact in float32, so products of up to 256 values are; longer ones go
// by float64 where the device has it.
Lazy convolved_exactly(Call& n, const Lazy& x, const Lazy& w, const array::ConvolveOptions& options) {
  const int64_t depth = element_count(w.shape()) / std::max<int64_t>(w.shape()[0], 1);
  const bool is_short = depth <= 256;
  if (!is_short && !n.device()->has("shaderFloat64"))
    n.unsupported("a sum of " + std::to_string(depth) + " products without 64-bit floats", "use another device");
  const DType dtype = is_short ? DType::float32 : DType::float64;
  const Array left = n.stream().dense(array::cast(x, dtype)), right = n.stream().dense(array::cast(w, dtype));
  return array::cast(n.stream().array(array::convolution(left, right, options)), DType::int32);
}

Lazy by_channel(Call& n, const Lazy& value, size_t axes) {
  if (element_count(value.shape()) == 1) return reshaped(n.stream().dense(value), {});
  Dims shape{element_count(value.shape())};
  for (size_t i = 1; i < axes; ++i) shape.push_back(1);
  return reshaped(n.stream().dense(value), shape);
}

Outputs conv_integer(Call& n) {
  const array::ConvolveOptions options = options_of(n, kernel_of(n, 1));
  Lazy x = array::cast(n[0], DType::int32), w = array::cast(n[1], DType::int32);
  if (n.has(2)) x = x - array::cast(by_channel(n, n[2], 1), DType::int32);
  if (n.has(3)) w = w - array::cast(by_channel(n, n[3], n.shape(1).size()), DType::int32);
  return convolved_exactly(n, x, w, options);
}

Outputs conv_quantized(Call& n) {  // x, scale, zero, w, scale, zero, y scale, y zero, bias
  const array::ConvolveOptions options = options_of(n, kernel_of(n, 3));
  const size_t axes = n.shape(3).size();
  const Lazy x = array::cast(n[0], DType::int32) - array::cast(by_channel(n, n[2], 1), DType::int32);
  const Lazy w = array::cast(n[3], DType::int32) - array::cast(by_channel(n, n[5], axes), DType::int32);
  Lazy sum = convolved_exactly(n, x, w, options);
  if (n.has(8)) sum = sum + by_channel(n, n[8], axes - 1);
  const Lazy scale = by_channel(n, n[1], 1) * by_channel(n, n[4], axes - 1) / by_channel(n, n[6], 1);
  const Lazy wide = op(Elementwise::round, array::cast(sum, DType::float32) * scale) +
                    array::cast(by_channel(n, n[7], 1), DType::float32);
  const bool has_sign = n[7].dtype() == DType::int8;
  const Lazy low = op(Elementwise::maximum, wide, like(wide, has_sign ? -128 : 0));
  return array::cast(op(Elementwise::minimum, low, like(low, has_sign ? 127 : 255)), n[7].dtype());
}

constexpr OperatorRow kRows[] = {
    {"Conv", 1, conv},
    {"ConvInteger", 10, conv_integer},
    {"ConvTranspose", 1, conv_transpose},
    {"QLinearConv", 10, conv_quantized},
};

}  // namespace

std::span<const OperatorRow> convolution_ops() { return kRows; }

}  // namespace forge::infer::onnx
