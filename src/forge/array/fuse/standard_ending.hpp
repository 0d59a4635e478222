#pragma once

#include <memory>
#include <vector>

#include "forge/array/fuse/fused.hpp"
#include "forge/array/ops/gemm.hpp"

namespace forge::array {

/// What goes on from a product as shaders/include/standard_ending.glsl computes it: scales, biases, residuals, bounds, sigmoids
/// and gates of them, in float32. `inputs` are what the expression reads, as matrices. Null where it is something else.
std::shared_ptr<const Epilogue> standard_ending(const Fused& rest, const std::vector<Array>& inputs);

/// The same of nothing at all: products without an expression behind them can share kernels with those that have one.
std::shared_ptr<const Epilogue> neutral_ending();

}  // namespace forge::array
