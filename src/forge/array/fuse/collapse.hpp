#pragma once

#include <vector>

#include "forge/array/array.hpp"

namespace forge::array {

/// A walk over all elements of a shape, with as few axes as the operands' strides allow.
struct Walk {
  Dims shape;                 // at least one axis
  std::vector<Dims> strides;  // of each operand, in elements; 0 where it is broadcast
  std::vector<Dims> ahead;    // of each operand, by how many places it is read ahead, round the end

  bool contiguous(size_t operand) const { return shape.size() == 1 && strides[operand][0] == 1; }
  bool uniform(size_t operand) const;  // one element for all
  bool lies_in_order(size_t operand) const;  // its elements one behind the other, as the walk meets them
  bool is_ahead(size_t operand) const;  // along any axis
};

/// Operands broadcast to `shape`, which has elements. Throws NOT_CONTIGUOUS where a stride is no number of elements.
/// `by_rows`: the last axis stays as it is. `ahead`: of the first operands, along the axes of `shape`, or none.
Walk walk_of(const Dims& shape, const std::vector<Array>& operands, bool by_rows = false,
             const std::vector<Dims>& ahead = {});

}  // namespace forge::array
