#include "forge/array/fuse/collapse.hpp"

#include <algorithm>

#include "forge/core/error.hpp"

namespace forge::array {

namespace {

Dims element_strides(const Dims& shape, const Array& operand) {
  const auto size = static_cast<int64_t>(size_of(operand.dtype()));
  const size_t lead = shape.size() - operand.shape().size();
  Dims strides = shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    strides[i] = 0;
    if (i < lead || operand.shape()[i - lead] == 1) continue;
    const int64_t bytes = operand.strides()[i - lead];
    if (bytes % size != 0)
      throw Error(ErrorCode::NOT_CONTIGUOUS, "elements do not lie a whole number of elements apart",
                  "strides in multiples of " + std::to_string(size), std::to_string(bytes), "copy it with vf.asarray");
    strides[i] = bytes / size;
  }
  return strides;
}

}  // namespace

bool Walk::uniform(size_t operand) const {
  const Dims& s = strides[operand];
  return std::all_of(s.begin(), s.end(), [](int64_t stride) { return stride == 0; });
}

bool Walk::lies_in_order(size_t operand) const {
  int64_t next = 1;
  for (size_t axis = shape.size(); axis-- > 0; next *= shape[axis])
    if (strides[operand][axis] != next && shape[axis] != 1) return false;
  return true;
}

Walk walk_of(const Dims& shape, const std::vector<Array>& operands, bool by_rows) {
  std::vector<Dims> strides;
  for (const Array& operand : operands) strides.push_back(element_strides(shape, operand));
  Walk walk;
  walk.strides.resize(operands.size());
  std::vector<size_t> kept;  // the last axis of each run
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const bool is_row = by_rows && axis + 1 == shape.size();
    if (shape[axis] == 1 && !is_row) continue;
    const bool merged = !is_row && !kept.empty() && std::all_of(strides.begin(), strides.end(), [&](const Dims& s) {
      return s[kept.back()] == s[axis] * shape[axis];  // each operand goes over both as over one
    });
    if (!merged) {
      kept.push_back(axis);
      walk.shape.push_back(shape[axis]);
      continue;
    }
    kept.back() = axis;
    walk.shape[walk.shape.size() - 1] *= shape[axis];
  }
  for (size_t k = 0; k < operands.size(); ++k)
    for (const size_t axis : kept) walk.strides[k].push_back(strides[k][axis]);
  if (!kept.empty()) return walk;
  walk.shape.push_back(1);
  for (Dims& s : walk.strides) s.push_back(0);
  return walk;
}

}  // namespace forge::array
