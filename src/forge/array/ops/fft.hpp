#pragma once

#include <optional>
#include <span>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

/// Where the factor 1 / n goes, in NumPy's words.
enum class FftNorm : unsigned char { backward, ortho, forward };

/// One axis of a transform, and how many of its values take part: fewer are cropped, more are zeros.
struct FftAxis {
  size_t axis;
  std::optional<int64_t> length;
};

enum class FftKind : unsigned char {
  complex,       // complex or real values to complex ones
  to_complex,    // reals to the first half of their spectrum along the last axis named
  to_real,       // such a half to reals; the last axis' length is 2 (m - 1) where none is given
};

/// A discrete Fourier transform over some axes, as numpy.fft's functions. float32 and complex64, or, where the device has
/// it, float64 and complex128. `in` is contiguous; a new array is returned.
Array fft(vk::Commands& commands, const Array& in, std::span<const FftAxis> axes, FftKind kind, bool inverse,
          FftNorm norm);

}  // namespace forge::array
