#include "forge/array/ops/fft.hpp"

#include <algorithm>
#include <cmath>

#include "forge/array/ops/fft_steps.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

constexpr int64_t kMostLength = int64_t{1} << 27;

bool is_real(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }
bool is_wide(DType dtype) { return dtype == DType::float64 || dtype == DType::complex128; }

void check_dtype(vk::Device& device, DType dtype, FftKind kind) {
  const bool complex = dtype == DType::complex64 || dtype == DType::complex128;
  const bool right = kind == FftKind::to_complex ? is_real(dtype)
                     : kind == FftKind::to_real  ? complex
                                                 : complex || is_real(dtype);
  if (!right)
    throw Error(ErrorCode::BAD_DTYPE, "a Fourier transform of values of this dtype",
                kind == FftKind::to_complex ? "float32 or float64"
                : kind == FftKind::to_real  ? "complex64 or complex128"
                                            : "float32, float64, complex64 or complex128",
                std::string(name_of(dtype)), "cast it with astype, where no digits are lost");
  if (is_wide(dtype)) device.require("shaderFloat64", "a Fourier transform of " + std::string(name_of(dtype)));
}

double scale_of(FftNorm norm, bool inverse, int64_t length) {
  if (norm == FftNorm::ortho) return 1 / std::sqrt(static_cast<double>(length));
  return inverse == (norm == FftNorm::backward) ? 1 / static_cast<double>(length) : 1;
}

/// What the values are between two axes, and the steps so far.
struct Progress {
  FftBuilder builder;
  Dims shape;
  bool real;  // values are still real
  FftNorm norm;
};

FftLines lines_of(const Dims& shape, size_t axis, int64_t length) {
  FftLines lines{1, static_cast<uint64_t>(length), 1};
  for (size_t i = 0; i < shape.size(); ++i)
    if (i != axis) (i < axis ? lines.batch : lines.inner) *= static_cast<uint64_t>(shape[i]);
  return lines;
}

int64_t length_of(const FftAxis& axis, int64_t natural) {
  const int64_t length = axis.length.value_or(natural);
  if (length < 1)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a Fourier transform of no values", "a length of 1 or more",
                std::to_string(length), "pass n, or s");
  if (length > kMostLength)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a Fourier transform that is too long",
                std::to_string(kMostLength) + " values", std::to_string(length));
  return length;
}

// Edges of a transform that takes `count` of the `present` rows of a batch and stores all.
FftEdges edges_of(const FftLines& lines, uint64_t present, uint64_t count) {
  return {.in_pitch = present * lines.inner,
          .in_count = std::min(present, count) * lines.inner,
          .out_pitch = lines.length * lines.inner,
          .out_count = lines.length * lines.inner};
}

void add_complex(Progress& at, const FftAxis& axis, bool inverse) {
  const int64_t present = at.shape[axis.axis], length = length_of(axis, present);
  const FftLines lines = lines_of(at.shape, axis.axis, length);
  FftEdges edges = edges_of(lines, static_cast<uint64_t>(present), lines.length);
  if (at.real) edges.load = "REAL";
  edges.inverse = inverse;
  edges.scale = scale_of(at.norm, inverse, length);
  at.builder.lines(lines, edges);
  at.shape[axis.axis] = length;
  at.real = false;
}

// Even lengths: neighbours make a complex value, and half as many are transformed.
void add_to_complex(Progress& at, const FftAxis& axis, bool inverse) {
  const int64_t present = at.shape[axis.axis], length = length_of(axis, present);
  const bool even = length % 2 == 0;
  const FftLines lines = lines_of(at.shape, axis.axis, even ? length / 2 : length);
  FftEdges edges = edges_of(lines, static_cast<uint64_t>(present), static_cast<uint64_t>(length));
  edges.load = even ? "PAIRS" : "REAL";
  edges.scale = scale_of(at.norm, inverse, length);
  if (!even) edges.out_pitch = edges.out_count = (lines.length / 2 + 1) * lines.inner;
  if (even && lines.inner == 1 && present % 2 == 0) {  // pairs lie in memory as complex values do
    edges.load = "COMPLEX";
    edges.in_pitch /= 2;
    edges.in_count /= 2;
  }
  at.builder.lines(lines, edges);
  if (even) at.builder.split(lines);
  at.shape[axis.axis] = length / 2 + 1;
  at.real = false;
}

void add_to_real(Progress& at, const FftAxis& axis, bool inverse) {
  const int64_t present = at.shape[axis.axis], length = length_of(axis, 2 * (present - 1));
  const bool even = length % 2 == 0;
  const FftLines lines = lines_of(at.shape, axis.axis, even ? length / 2 : length);
  const uint64_t half = static_cast<uint64_t>(length / 2 + 1);
  FftEdges edges = edges_of(lines, static_cast<uint64_t>(present), half);
  edges.load = "HERMITIAN";
  edges.store = "REAL";
  if (even) {
    at.builder.join(lines, edges.in_pitch, edges.in_count);
    edges = edges_of(lines, lines.length, lines.length);
    if (lines.inner > 1) {  // else pairs lie in memory as complex values do
      edges.store = "PAIRS";
      edges.out_pitch *= 2;
    }
  }
  edges.inverse = true;
  edges.scale = scale_of(at.norm, inverse, length);
  at.builder.lines(lines, edges);
  at.shape[axis.axis] = length;
  at.real = true;
}

void add_axes(Progress& at, std::span<const FftAxis> axes, FftKind kind, bool inverse) {
  const auto others = axes.first(axes.size() - (kind == FftKind::complex ? 0 : 1));
  if (kind == FftKind::to_complex) add_to_complex(at, axes.back(), inverse);
  for (size_t i = others.size(); i-- > 0;) add_complex(at, others[i], inverse);  // in NumPy's order
  if (kind == FftKind::to_real) add_to_real(at, axes.back(), inverse);
}

// Drivers are promised 8 bytes; a view of an ndarray may start at 4.
vk::BufferRef aligned(vk::Commands& commands, const Array& in) {
  vk::BufferRef bytes = in.bytes();
  if (bytes.address() % 8 == 0) return bytes;
  vk::BufferRef copy = Array::empty(commands.device_ptr(), in.dtype(), in.shape()).bytes();
  commands.copy(bytes, copy);
  return copy;
}

}  // namespace

Array fft(vk::Commands& commands, const Array& in, std::span<const FftAxis> axes, FftKind kind, bool inverse,
          FftNorm norm) {
  const bool wide = is_wide(in.dtype());
  check_dtype(commands.device(), in.dtype(), kind);
  for (const FftAxis& axis : axes)
    if (axis.axis >= in.shape().size())
      throw Error(ErrorCode::BAD_SHAPE, "a Fourier transform along an axis that is not there",
                  "below " + std::to_string(in.shape().size()), std::to_string(axis.axis));
  FORGE_ASSERT(!axes.empty());
  Progress at{FftBuilder(commands, wide), in.shape(), is_real(in.dtype()), norm};
  add_axes(at, axes, kind, inverse);
  const DType dtype =
      at.real ? (wide ? DType::float64 : DType::float32) : (wide ? DType::complex128 : DType::complex64);
  Array out = Array::empty(commands.device_ptr(), dtype, at.shape);
  if (out.size() == 0) return out;
  if (in.size() == 0)
    commands.fill(out.bytes(), 0);
  else
    run_steps(commands, at.builder.steps(), aligned(commands, in), out.bytes());
  return out;
}

}  // namespace forge::array
