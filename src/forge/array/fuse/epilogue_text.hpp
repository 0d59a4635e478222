#pragma once

#include <string>
#include <vector>

#include "forge/array/fuse/fused.hpp"
#include "forge/array/ops/gemm.hpp"

namespace forge::array {

/// GLSL, in one line, of a function `epilogue(SUM x, uint row, uint column, Ending e)` that computes the one result of an
/// expression which goes on from a product, and of `ending_of(EpilogueWords p)`. Words: of each number, as kernel_text.hpp has them; then of each
/// input the two of its address, its first element, and its strides along rows and columns. `inputs`: the expression's, as
/// arrays that broadcast to the product's matrix.
std::string epilogue_text(const Fused& fused, const std::vector<Array>& inputs);
/// Whether an array has more than one element along its last axis, or (2) the one before.
bool varies_along(const Array& array, size_t from_end);
/// An input, as a matrix, among an epilogue's operands.
Epilogue::Operand operand_of(const Array& matrix);

}  // namespace forge::array
