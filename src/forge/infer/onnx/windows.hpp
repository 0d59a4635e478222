#pragma once

#include "forge/infer/onnx/operators.hpp"

namespace forge::infer::onnx {

/// How a kernel goes over places: one number for each spatial axis, from an operator's attributes.
struct Windows {
  Dims kernel, stride, dilation, before, after;
  bool same = false, same_upper = false;  // auto_pad: as many places of the result as stride steps, and SAME_UPPER

  /// Places that a window covers along an axis.
  int64_t covered(size_t axis) const { return dilation[axis] * (kernel[axis] - 1) + 1; }
  /// Places of the result for so many of the input; `ceil`: a last window may begin inside of the padded input.
  int64_t places(size_t axis, int64_t inner, bool ceil = false) const;
};

/// An attribute with a number from 1 on for each axis, 1 where it is left out. Throws INVALID_ARGUMENT.
Dims numbers_of_axes(const Call& call, const char* name, size_t axes);
/// Throws INVALID_ARGUMENT for numbers that cannot be. Of auto_pad, pads are worked out from the shape of input 0.
Windows windows_of(const Call& call, const Dims& kernel);

}  // namespace forge::infer::onnx
