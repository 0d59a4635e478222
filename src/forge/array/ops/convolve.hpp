#pragma once

#include <memory>
#include <optional>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

struct Epilogue;  // gemm.hpp

/// One number for each spatial axis.
struct ConvolveOptions {
  Dims stride, before, after, dilation;  // before, after: zeros around the input
  int64_t groups = 1;
};

/// Zeros that make an output of ceil(input / stride) places: as many before as after, or one less.
void pad_same(const Dims& input, const Dims& kernel, ConvolveOptions& options);

/// x (N, C, spatial...) with w (O, C / groups, kernel...), one to three spatial axes, gives (N, O, spatial...). The kernel
/// is not turned over (a correlation, as in neural networks); `bias` (O,) is added where there is one.
Array convolve(vk::Commands& commands, const Array& x, const Array& w, const std::optional<Array>& bias,
               const ConvolveOptions& options);

/// The shape of what convolve() gives; throws as it does.
Dims convolved_shape(const Array& x, const Array& w, const ConvolveOptions& options);

/// Whether an epilogue can stand behind it: of one image, in one group or in groups of one channel.
bool convolution_goes_on(const Array& x, const Array& w, const ConvolveOptions& options);

/// The same to `out`, contiguous and of that shape; with an epilogue, beside which no bias can stand, what that makes of each element: its row is the filter, its column the place.
void convolve_into(vk::Commands& commands, const Array& x, const Array& w, const std::optional<Array>& bias,
                   const ConvolveOptions& options, const Array& out,
                   std::shared_ptr<const Epilogue> epilogue = nullptr);

}  // namespace forge::array
