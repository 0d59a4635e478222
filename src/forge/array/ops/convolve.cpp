#include "forge/array/ops/convolve.hpp"

#include <algorithm>
#include <limits>

#include "forge/array/ops/matmul.hpp"
#include "forge/array/ops/panels.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

[[noreturn]] void bad_shape(const std::string& failed, const std::string& expected, const std::string& got) {
  throw Error(ErrorCode::BAD_SHAPE, failed, expected, got);
}

void check_shapes(const Array& x, const Array& w, const std::optional<Array>& bias, const ConvolveOptions& options) {
  const size_t dims = x.shape().size();
  if (dims < 3 || dims > 5)
    bad_shape("convolve takes one to three spatial axes", "x of shape (N, C, spatial...)", to_string(x.shape()));
  if (w.shape().size() != dims)
    bad_shape("x and w have different numbers of axes",
              "w of shape (O, C / groups, kernel...), " + std::to_string(dims) + " axes as x", to_string(w.shape()));
  if (options.groups < 1 || w.shape()[0] % options.groups != 0 || w.shape()[1] * options.groups != x.shape()[1])
    bad_shape("the channels of x and w do not fit for groups=" + std::to_string(options.groups),
              "O a multiple of groups, and C / groups channels in w",
              to_string(x.shape()) + " and " + to_string(w.shape()));
  if (bias && (bias->shape().size() != 1 || bias->shape()[0] != w.shape()[0]))
    bad_shape("bias does not fit", "(" + std::to_string(w.shape()[0]) + ",)", to_string(bias->shape()));
  if (dtype_row(x.dtype()).kind != 'f' || dtype_row(w.dtype()).kind != 'f' ||
      (bias && dtype_row(bias->dtype()).kind != 'f'))
    throw Error(ErrorCode::BAD_DTYPE, "convolve takes floats", "float16, float32 or float64",
                std::string(name_of(x.dtype())) + " and " + std::string(name_of(w.dtype())), "convert with .astype");
}

void check_numbers(const ConvolveOptions& options, size_t axes) {
  const auto fits = [&](const Dims& dims, int64_t least) {
    return dims.size() == axes && std::all_of(dims.begin(), dims.end(), [&](int64_t n) {
             return n >= least && n <= std::numeric_limits<int32_t>::max() / 2;
           });
  };
  if (!fits(options.stride, 1) || !fits(options.dilation, 1) || !fits(options.before, 0) || !fits(options.after, 0))
    throw Error(ErrorCode::INVALID_ARGUMENT, "convolve has a stride, dilation or padding that cannot work",
                std::to_string(axes) + " numbers each: stride and dilation from 1, padding from 0",
                "stride " + to_string(options.stride) + ", dilation " + to_string(options.dilation) + ", padding " +
                    to_string(options.before) + " and " + to_string(options.after));
}

Dims output_of(const Array& x, const Array& w, const ConvolveOptions& options) {
  Dims shape{x.shape()[0], w.shape()[0]};
  for (size_t i = 0; i < options.stride.size(); ++i) {
    const int64_t padded = x.shape()[i + 2] + options.before[i] + options.after[i];
    const int64_t covered = options.dilation[i] * (w.shape()[i + 2] - 1) + 1;
    if (w.shape()[i + 2] < 1 || covered > padded)
      bad_shape("the kernel is larger than the padded input",
                "at most " + std::to_string(padded) + " places along axis " + std::to_string(i + 2),
                std::to_string(covered));
    shape.push_back((padded - covered) / options.stride[i] + 1);
  }
  return shape;
}

// Spatial numbers as three, with ones (or zeros) in front.
template <class T>
std::array<T, 3> three(const int64_t* values, size_t count, T front) {
  std::array<T, 3> result{front, front, front};
  for (size_t i = 0; i < count; ++i) result[3 - count + i] = static_cast<T>(values[i]);
  return result;
}

int64_t product_of(const std::array<uint32_t, 3>& extents) { return int64_t{extents[0]} * extents[1] * extents[2]; }

Matrix dense(const Array& array) {
  const auto size = size_of(array.dtype());
  const vk::BufferRef bytes = array.bytes();
  if (bytes.address() % size != 0)
    throw Error(ErrorCode::NOT_CONTIGUOUS, "an array is not aligned to its elements",
                "a start at a multiple of " + std::to_string(size) + " bytes", {},
                "make a copy: vf.asarray(np.asarray(x))");
  return {bytes, array.dtype()};
}

// The bias in what is summed in.
vk::BufferRef as_sums(vk::Commands& commands, const Array& bias, DType sum) {
  Matrix column = dense(bias);
  column.row_stride = 1;
  vk::BufferRef sums = vk::Buffer::create(commands.device_ptr(), static_cast<uint64_t>(bias.size()) * size_of(sum),
                                          vk::Memory::device, "convolve bias");
  pack_panels(commands, column, sum, {bias.size(), 1, 1, 1, 1}, sums);
  return sums;
}

}  // namespace

void pad_same(const Dims& input, const Dims& kernel, ConvolveOptions& options) {
  options.before = options.after = {};
  for (size_t i = 0; i < options.stride.size(); ++i) {
    const int64_t outputs = ceil_div(input[i + 2], options.stride[i]);
    const int64_t covered = options.dilation[i] * (kernel[i + 2] - 1) + 1;
    const int64_t all = std::max<int64_t>((outputs - 1) * options.stride[i] + covered - input[i + 2], 0);
    options.before.push_back(all / 2), options.after.push_back(all - all / 2);
  }
}

namespace {

// All images and groups of a convolution, as few products as their strides allow.
void multiply(vk::Commands& commands, Gemm product, int64_t images, int64_t groups, size_t sum_bytes) {
  const int64_t image = groups * product.right.batch_stride, out_image = groups * product.product.batch_stride;
  const int64_t weights = product.rows * product.depth;
  const std::optional<Bias> bias = product.bias;
  if (depthwise(commands, product, images, groups)) return;
  FORGE_ASSERT(groups == 1 || !product.epilogue || !product.epilogue->reads_arrays());
  if (groups == 1) {
    product.batches = images;
    return gemm(commands, product);
  }
  if (!bias && images == 1) {  // groups are a stack as well
    product.batches = groups, product.left.batch_stride = weights;
    return gemm(commands, product);
  }
  product.batches = images;
  for (int64_t g = 0; g < groups; ++g) {
    Gemm part = product;
    part.left.first = g * weights;
    part.right.first = g * product.right.batch_stride, part.product.first = g * product.product.batch_stride;
    part.right.batch_stride = image, part.product.batch_stride = out_image;
    const auto size = static_cast<int64_t>(sum_bytes);
    if (bias)
      part.bias = Bias{bias->values.part(u32(g * product.rows * size), u32(product.rows * size)), Bias::Along::rows};
    gemm(commands, part);
  }
}

}  // namespace

Dims convolved_shape(const Array& x, const Array& w, const ConvolveOptions& options) {
  check_shapes(x, w, std::nullopt, options);
  check_numbers(options, x.shape().size() - 2);
  return output_of(x, w, options);
}

Array convolve(vk::Commands& commands, const Array& x, const Array& w, const std::optional<Array>& bias,
               const ConvolveOptions& options) {
  check_shapes(x, w, bias, options);
  const Array out =
      Array::empty(commands.device_ptr(), product_dtype(x.dtype(), w.dtype()), convolved_shape(x, w, options));
  convolve_into(commands, x, w, bias, options, out);
  return out;
}

namespace {

// A convolution as the product of one group; of images of one group a stack.
Gemm product_of(const Array& x, const Array& w, const ConvolveOptions& options, const Dims& places, Matrix out) {
  const size_t axes = x.shape().size() - 2;
  const auto spatial = [&](const Array& array) { return three<uint32_t>(array.shape().begin() + 2, axes, 1); };
  const Patches patches{spatial(x),
                        three<uint32_t>(places.begin() + 2, axes, 1),
                        spatial(w),
                        three<uint32_t>(options.stride.begin(), axes, 1),
                        three<uint32_t>(options.dilation.begin(), axes, 1),
                        three<int32_t>(options.before.begin(), axes, 0)};
  const int64_t channels = x.shape()[1] / options.groups, filters = w.shape()[0] / options.groups;
  const int64_t inner = product_of(patches.inner), outer = product_of(patches.outer);
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (channels * inner > kMost || filters * outer > kMost)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "convolve of one image that is too large",
                "fewer than 2^31 elements a group", std::to_string(std::max(channels * inner, filters * outer)),
                "convolve pieces of it");
  Gemm product{dense(w), dense(x), std::move(out)};
  product.rows = filters, product.columns = outer,
  product.depth = inner == 0 ? 0 : channels * product_of(patches.kernel);  // of nothing but padding: no element is read
  product.sum = sum_dtype(x.dtype(), w.dtype());
  product.left.row_stride = product.depth, product.left.column_stride = 1;
  product.product.row_stride = outer, product.product.column_stride = 1;
  product.right.batch_stride = channels * inner, product.product.batch_stride = filters * outer;
  product.right.row_stride = inner, product.right.column_stride = 1;  // where it sees points
  constexpr int64_t kFew = 32;  // places: vectors, for which products of matrices have better ways
  const bool sees_more = !sees_points(patches) || outer > kFew || (options.groups > 1 && channels == 1);
  if (inner > 0 && sees_more) product.patches = patches;
  return product;
}

}  // namespace

bool convolution_goes_on(const Array& x, const Array& w, const ConvolveOptions& options) {
  if (x.shape()[0] != 1) return false;
  if (options.groups == 1) return true;
  const Matrix out{w.bytes(), product_dtype(x.dtype(), w.dtype())};  // where it goes does not matter
  return suits_depthwise(product_of(x, w, options, convolved_shape(x, w, options), out), 1, options.groups);
}

void convolve_into(vk::Commands& commands, const Array& x, const Array& w, const std::optional<Array>& bias,
                   const ConvolveOptions& options, const Array& out, std::shared_ptr<const Epilogue> epilogue) {
  check_shapes(x, w, bias, options);
  if (out.size() == 0) return;
  FORGE_ASSERT(!epilogue || ((x.shape()[0] == 1 || !epilogue->reads_arrays()) && !bias));
  Gemm product = product_of(x, w, options, out.shape(), dense(out));
  product.epilogue = std::move(epilogue);
  if (bias) product.bias = Bias{as_sums(commands, *bias, product.sum), Bias::Along::rows};
  multiply(commands, product, x.shape()[0], options.groups, size_of(product.sum));
}

}  // namespace forge::array
