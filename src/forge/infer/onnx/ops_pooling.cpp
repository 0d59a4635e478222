#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/gather.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/windows.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/pool/pool.hpp"

// Pooling: windows that go over the places of each channel.
namespace forge::infer::onnx {

namespace {

constexpr int64_t kMostLoops = 65000;  // some drivers end an invocation after 65,535, nested ones and those around them
constexpr uint32_t kMostStraight = 32;  // taps of a window with a kernel of its own

struct Pooled {
  Array values;
  std::optional<Array> places;
};

// (planes, inner) as three axes, with ones in front.
template <class T>
std::array<T, 3> three(const Dims& values, T front) {
  std::array<T, 3> result{front, front, front};
  for (size_t i = 0; i < values.size(); ++i) result[3 - values.size() + i] = static_cast<T>(values[i]);
  return result;
}

int64_t loops_of(const Dims& kernel) {
  int64_t loops = 0, each = 1;
  for (const int64_t taps : kernel) loops += each *= taps;
  return loops + 2;  // the axes in front, of one tap
}

Pooled pool(const Call& n, const Array& in, const Windows& windows, const Dims& shape, shader::Defines defines,
            std::optional<float> power = std::nullopt) {
  const size_t axes = windows.kernel.size();
  if (axes > 3) n.unsupported("pooling over " + std::to_string(axes) + " axes", "use up to three");
  if (element_count(windows.kernel) > kMostLoops || loops_of(windows.kernel) > kMostLoops)
    n.unsupported("a window of " + std::to_string(element_count(windows.kernel)) + " places",
                  "reduce the axes instead");
  if (in.size() > std::numeric_limits<int32_t>::max() || element_count(shape) > std::numeric_limits<int32_t>::max())
    n.unsupported("pooling of 2^31 elements", "pool pieces of it");
  Dims inner, outer, end;
  for (size_t i = 0; i < axes; ++i) {
    inner.push_back(in.shape()[i + 2]), outer.push_back(shape[i + 2]);
    end.push_back(in.shape()[i + 2] + windows.after[i]);
  }
  const Array out = fresh(n, in.dtype(), shape);
  const bool places = defines.contains("WITH_PLACES");
  const Array found = places ? fresh(n, DType::int32, shape) : out;
  if (out.size() == 0) return {out, found};
  defines["TYPE"] = std::string(dtype_row(in.dtype()).glsl);
  const auto kernel = three<uint32_t>(windows.kernel, 1), across = three<uint32_t>(outer, 1);
  if (kernel[0] * kernel[1] * kernel[2] <= kMostStraight)
    defines.insert({{"TAPS_X", std::to_string(kernel[0])},
                    {"TAPS_Y", std::to_string(kernel[1])},
                    {"TAPS_Z", std::to_string(kernel[2])}});
  const auto [x, y, z] = std::array{array::divider(across[0]), array::divider(across[1]), array::divider(across[2])};
  n.stream().run([&](vk::Commands& commands) {
    const auto count = static_cast<uint32_t>(out.size());
    shader::dispatch(
        commands, shader::program_of<k::pool>(commands.device(), defines),
        k::pool{.source = in.bytes(),
                .target = out.bytes(),
                .places = found.bytes(),
                .count = count,
                .inner = three<uint32_t>(inner, 1),
                .outer = across,
                .kernel = kernel,
                .stride = three<uint32_t>(windows.stride, 1),
                .dilation = three<uint32_t>(windows.dilation, 1),
                .before = three<int32_t>(windows.before, 0),
                .extra = power ? std::array{std::bit_cast<uint32_t>(*power), 0u, 0u} : three<uint32_t>(end, 1),
                .magic = {x[0], y[0], z[0]},
                .shifts = x[2] | y[2] << 8 | z[2] << 16},
        array::grid_of(count, 64));
    return 0;
  });
  if (places) return {out, found};
  return {out, std::nullopt};
}

Dims kernel_of(const Call& n) {
  const Ints kernel = n.ints("kernel_shape");
  if (kernel.empty() || std::any_of(kernel.begin(), kernel.end(), [](int64_t k) { return k < 1; }))
    n.refuse("kernel_shape does not fit", "numbers from 1 on", std::to_string(kernel.size()) + " numbers");
  return dims_of(kernel);
}

Dims shape_of(const Call& n, const Windows& windows) {
  Dims shape{n.shape(0)[0], n.shape(0)[1]};
  for (size_t i = 0; i < windows.kernel.size(); ++i) {
    const int64_t inner = n.shape(0)[i + 2];
    const int64_t places = windows.same ? (inner + windows.stride[i] - 1) / windows.stride[i]
                                        : windows.places(i, inner, n.whole("ceil_mode", 0) != 0);
    if (inner == 0 || places < 1)
      n.refuse("the window is larger than the padded input",
               "at most " + std::to_string(inner + windows.before[i] + windows.after[i]),
               std::to_string(windows.covered(i)));
    shape.push_back(places);
  }
  return shape;
}

// What the kernel computes in.
Array input_of(Call& n) {
  const DType dtype = n[0].dtype();
  return n.stream().dense(array::cast(n[0], dtype == DType::float64 ? dtype : DType::float32));
}

Outputs max_pool(Call& n) {
  const Windows windows = windows_of(n, kernel_of(n));
  shader::Defines defines{{"MAXIMUM", "1"}};
  if (n.wants(1)) defines["WITH_PLACES"] = "1";
  if (n.whole("storage_order", 0) != 0) defines["BY_COLUMNS"] = "1";
  const Pooled made = pool(n, input_of(n), windows, shape_of(n, windows), defines);
  Outputs outputs(array::cast(made.values, n[0].dtype()));
  if (made.places) outputs.add(array::cast(*made.places, DType::int64));
  return outputs;
}

Outputs average_pool(Call& n) {
  const Windows windows = windows_of(n, kernel_of(n));
  shader::Defines defines;
  if (n.whole("count_include_pad", 0) != 0) defines["COUNT_PADDING"] = "1";
  return array::cast(pool(n, input_of(n), windows, shape_of(n, windows), defines).values, n[0].dtype());
}

Outputs lp_pool(Call& n) {
  const Windows windows = windows_of(n, kernel_of(n));
  const Pooled made =
      pool(n, input_of(n), windows, shape_of(n, windows), {{"NORM", "1"}}, static_cast<float>(n.whole("p", 2)));
  return array::cast(made.values, n[0].dtype());
}

Ints places(const Call& n) {
  Ints axes;
  if (n.shape(0).size() < 3) n.refuse("pooling needs places", "(N, C, places...)", to_string(n.shape(0)));
  for (size_t i = 2; i < n.shape(0).size(); ++i) axes.push_back(static_cast<int64_t>(i));
  return axes;
}

// Over all places: rows of a matrix.
Outputs over_rows(Call& n, Reduce how, const Lazy& values, bool means) {
  const Ints axes = places(n);
  const Dims& shape = n.shape(0);
  Dims made{shape[0], shape[1]};
  for (size_t i = 0; i < axes.size(); ++i) made.push_back(1);
  const int64_t rows = shape[0] * shape[1], size = element_count(shape);
  if (size == 0) return reduced(n, values, how, axes);
  const Lazy flat = reshaped(n.stream().dense(values), {rows, size / rows});
  const Lazy result = means ? mean(n, flat, {1}) : reduced(n, flat, how, {1});
  return reshaped(n.stream().dense(result), made);
}
Outputs global_average(Call& n) { return over_rows(n, Reduce::sum, n[0], true); }
Outputs global_max(Call& n) { return over_rows(n, Reduce::max, n[0], false); }
Outputs global_lp(Call& n) {
  const auto p = static_cast<double>(n.whole("p", 2));
  const Lazy size = op(Elementwise::abs, n[0]);
  const Lazy powers = p == 2 ? size * size : op(Elementwise::pow, size, like(size, p));
  const Lazy sum = reduced(n, powers, Reduce::sum, places(n));
  return p == 2 ? op(Elementwise::sqrt, sum) : op(Elementwise::pow, sum, like(sum, 1 / p));
}

// Squares of neighbouring channels: a window that goes over them.
Outputs local_response_normalization(Call& n) {
  const Dims& shape = n.shape(0);
  const int64_t size = n.whole("size", 1);
  if (shape.size() < 3 || size < 1) n.refuse("channels have places", "(N, C, places...)", to_string(shape));
  const DType dtype = n[0].dtype() == DType::float64 ? DType::float64 : DType::float32;
  const Lazy x = array::cast(n[0], dtype);
  const Array squares = n.stream().dense(x * x);
  const int64_t rest = squares.size() / std::max<int64_t>(shape[0] * shape[1], 1);
  const int64_t before = (size - 1) / 2;
  const Windows windows{{size, 1}, {1, 1}, {1, 1}, {before, 0}, {size - 1 - before, 0}};
  const Dims flat{shape[0], 1, shape[1], rest};
  const Pooled means = pool(n, reshaped(squares, flat), windows, flat, {{"COUNT_PADDING", "1"}});
  const Lazy sums = reshaped(means.values, shape);
  const Lazy base = sums * n.real("alpha", 1e-4) + n.real("bias", 1);
  const double beta = n.real("beta", 0.75);
  const Lazy root = op(Elementwise::sqrt, base);
  const Lazy divisor = beta == 0.75 ? root * op(Elementwise::sqrt, root) : op(Elementwise::pow, base, like(base, beta));
  return array::cast(x / divisor, n[0].dtype());
}

Outputs max_unpool(Call& n) {
  const Dims kernel = kernel_of(n);
  const Windows windows = windows_of(n, kernel);
  Dims shape{n.shape(0)[0], n.shape(0)[1]}, given;
  for (size_t i = 0; i < kernel.size(); ++i)
    shape.push_back((n.shape(0)[i + 2] - 1) * windows.stride[i] + kernel[i] - windows.before[i] - windows.after[i]);
  given = n.has(2) ? dims_of(n.ints(2)) : shape;
  if (element_count(given) < element_count(shape))
    n.refuse("output_shape is too small", to_string(shape), to_string(given));
  const Array flat = n.stream().array(
      array::copy(array::broadcast_to(Lazy(host_array(n, Reals{0}, {}, n[0].dtype())), {element_count(given)})));
  Lazy indices = n[1];
  if (!(given == shape)) {  // places were those of the smaller result
    Lazy rest = indices, moved = like(indices, 0);
    int64_t step = 1;
    for (size_t i = shape.size(); i-- > 0; step *= given[i]) {
      const Lazy quotient = op(Elementwise::floor_divide, rest, like(rest, static_cast<double>(shape[i])));
      moved = moved + (rest - quotient * static_cast<double>(shape[i])) * static_cast<double>(step);
      rest = quotient;
    }
    indices = moved;
  }
  const Array values = n.dense(0), where_to = n.stream().dense(indices);
  n.stream().run([&](vk::Commands& commands) {
    array::scatter(commands, flat, reshaped(where_to, {where_to.size()}), reshaped(values, {values.size()}), 0,
                   array::Scatter::set, array::IndexMode::clip);
    return 0;
  });
  return reshaped(flat, given);
}

constexpr OperatorRow kRows[] = {
    {"AveragePool", 1, average_pool},
    {"GlobalAveragePool", 1, global_average},
    {"GlobalLpPool", 2, global_lp},
    {"GlobalMaxPool", 1, global_max},
    {"LRN", 1, local_response_normalization},
    {"LpPool", 2, lp_pool},
    {"MaxPool", 1, max_pool},
    {"MaxUnpool", 9, max_unpool},
};

}  // namespace

std::span<const OperatorRow> pooling_ops() { return kRows; }

}  // namespace forge::infer::onnx
