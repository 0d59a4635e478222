#include <algorithm>
#include <cmath>
#include <limits>

#include "forge/array/ops/fft.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Signals: spectra, and the windows and filters that go with them.
namespace forge::infer::onnx {

namespace {

// The windows of signal processing: sums of cosines of 2 pi i / N.
constexpr int64_t kMostPoints = std::numeric_limits<int32_t>::max();  // that the host writes one by one

Outputs window(Call& n, double a0, double a1, double a2) {
  const int64_t size = n.whole(0);
  check_count(n, static_cast<double>(size));
  const double turn = 6.283185307179586 / static_cast<double>(n.whole("periodic", 1) != 0 ? size : size - 1);
  Reals values;
  for (int64_t i = 0; i < size; ++i) {
    const double at = turn * static_cast<double>(i);
    values.push_back(a0 - a1 * std::cos(at) + a2 * std::cos(2 * at));
  }
  return host_array(n, values, {size}, dtype_of_number(n, n.whole("output_datatype", 1)));
}
Outputs hann(Call& n) { return window(n, 0.5, 0.5, 0); }
Outputs hamming(Call& n) { return window(n, 25.0 / 46, 21.0 / 46, 0); }
Outputs blackman(Call& n) { return window(n, 0.42, 0.5, 0.08); }

// Pairs of reals along the last axis, or one real, as numbers of a transform; and back.
Array numbers_of(Call& n, const Lazy& pairs) {
  const Dims& shape = pairs.shape();
  const int64_t parts = shape.empty() ? 0 : shape[shape.size() - 1];
  if (shape.size() < 2 || parts < 1 || parts > 2)
    n.refuse("a signal is real or complex", "(..., 1) or (..., 2)", to_string(shape));
  const DType real = real_of(pairs.dtype());
  const Array dense = n.stream().dense(array::cast(pairs, real));
  Dims inner;
  for (size_t i = 0; i + 1 < shape.size(); ++i) inner.push_back(shape[i]);
  if (parts == 1) return reshaped(dense, inner);
  return Array::over(dense.bytes(), real == DType::float64 ? DType::complex128 : DType::complex64, inner);
}
Array pairs_of(const Array& numbers) {
  const bool complex = dtype_row(numbers.dtype()).kind == 'c';
  Dims shape = numbers.shape();
  shape.push_back(complex ? 2 : 1);
  if (!complex) return reshaped(numbers, shape);
  return Array::over(numbers.bytes(), numbers.dtype() == DType::complex128 ? DType::float64 : DType::float32, shape);
}

// One axis of `numbers` to its spectrum or back. `half`: reals have the first half of one.
Array transformed(Call& n, const Array& numbers, size_t axis, std::optional<int64_t> length, bool inverse, bool half) {
  if (length && (*length < 1 || *length > kMostPoints))
    n.refuse("a transform is of one value or more", "1 to " + std::to_string(kMostPoints), std::to_string(*length));
  const bool is_real = dtype_row(numbers.dtype()).kind == 'f';
  const array::FftAxis along{axis, length};
  const auto run = [&](const Array& in, array::FftKind kind) {
    return n.stream().run([&](vk::Commands& commands) {
      return array::fft(commands, in, std::span(&along, 1), kind, inverse, array::FftNorm::backward);
    });
  };
  if (half && inverse) {
    const DType complex = numbers.dtype() == DType::float64 ? DType::complex128 : DType::complex64;
    return run(is_real ? n.stream().dense(array::cast(numbers, complex)) : numbers, array::FftKind::to_real);
  }
  if (half && is_real) return run(numbers, array::FftKind::to_complex);
  const Array whole = run(numbers, array::FftKind::complex);
  return half ? n.stream().dense(strided(whole, axis, 0, whole.shape()[axis] / 2 + 1)) : whole;
}

Outputs spectrum(Call& n) {  // x, length, axis
  const size_t axes = n.shape(0).size();
  const int64_t given = n.opset() < 20 ? n.whole("axis", 1) : n.has(2) ? n.whole(2) : -2;
  const size_t axis = n.axis(given, axes);
  if (axis + 1 >= axes) n.refuse("the last axis holds the parts of a number", "another axis", std::to_string(given));
  const std::optional<int64_t> length = n.has(1) ? std::optional(n.whole(1)) : std::nullopt;
  const bool inverse = n.whole("inverse", 0) != 0, half = n.whole("onesided", 0) != 0;
  const Array made = transformed(n, numbers_of(n, n[0]), axis, length, inverse, half);
  return array::cast(pairs_of(made), n[0].dtype());
}

Outputs spectra_of_frames(Call& n) {  // signal (N, L, parts), step, window, frame length
  const Dims& shape = n.shape(0);
  if (shape.size() != 3) n.refuse("a signal has three axes", "(N, L, 1) or (N, L, 2)", to_string(shape));
  const int64_t step = n.whole(1);
  const bool windowed = n.has(2) && element_count(n.shape(2)) > 0;
  const int64_t length = n.has(3) ? n.whole(3) : windowed ? element_count(n.shape(2)) : shape[1];
  const int64_t covered = windowed ? element_count(n.shape(2)) : length;
  if (step < 1 || length < 1 || length > shape[1] || covered > length)
    n.refuse("frames do not fit",
             "a step from 1 on, windows of at most a frame, frames of at most " + std::to_string(shape[1]),
             std::to_string(step) + ", " + std::to_string(covered) + ", " + std::to_string(length));
  const DType real = real_of(n[0].dtype());
  const Array signal = n.stream().dense(array::cast(n[0], real));
  const Dims& s = signal.strides();
  const Array frames =
      signal.view(0, {shape[0], (shape[1] - length) / step + 1, covered, shape[2]}, {s[0], s[1] * step, s[1], s[2]});
  Lazy weighted = frames;
  if (windowed) weighted = weighted * array::cast(reshaped(n.dense(2), {covered, 1}), real);
  const Array made = transformed(n, numbers_of(n, weighted), 2, length, false, n.whole("onesided", 1) != 0);
  return array::cast(pairs_of(made), n[0].dtype());
}

// Triangles that stand at equal distances on the scale of pitches; ONNX' own rounding of their corners.
Outputs mel_weights(Call& n) {  // bins, length, rate, lowest, highest
  const int64_t bins = n.whole(0), length = n.whole(1), rate = n.whole(2);
  const int64_t rows = length / 2 + 1;
  if (bins < 1 || length < 1 || rate < 1 || bins > kMostPoints || rows > kMostPoints / std::max<int64_t>(bins, 1))
    n.refuse("the numbers do not make filters", "numbers from 1 on",
             std::to_string(bins) + ", " + std::to_string(length) + ", " + std::to_string(rate));
  const auto pitch = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double low = pitch(n.number(3)), each = (pitch(n.number(4)) - low) / static_cast<double>(bins + 2);
  const auto corner = [&](int64_t i) {
    const double hertz = 700 * (std::pow(10, (low + static_cast<double>(i) * each) / 2595) - 1);
    const double row = std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
    return std::clamp<int64_t>(static_cast<int64_t>(std::clamp(row, 0.0, 9e15)), 0, rows - 1);
  };
  Reals values(static_cast<size_t>(rows * bins));
  for (int64_t bin = 0; bin < bins; ++bin) {
    const auto at = [&](int64_t row) -> double& { return values[static_cast<size_t>(row * bins + bin)]; };
    const int64_t left = corner(bin), middle = corner(bin + 1), right = corner(bin + 2);
    if (left == middle) at(middle) = 1;
    for (int64_t row = left; row <= middle && left < middle; ++row)
      at(row) = static_cast<double>(row - left) / static_cast<double>(middle - left);
    for (int64_t row = middle; row < right; ++row)
      at(row) = static_cast<double>(right - row) / static_cast<double>(right - middle);
  }
  return host_array(n, values, {rows, bins}, dtype_of_number(n, n.whole("output_datatype", 1)));
}

constexpr OperatorRow kRows[] = {
    {"BlackmanWindow", 17, blackman},     {"DFT", 17, spectrum},
    {"HammingWindow", 17, hamming},       {"HannWindow", 17, hann},
    {"MelWeightMatrix", 17, mel_weights}, {"STFT", 17, spectra_of_frames},
};

}  // namespace

std::span<const OperatorRow> signal_ops() { return kRows; }

}  // namespace forge::infer::onnx
