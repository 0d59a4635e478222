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

bool Walk::is_ahead(size_t operand) const {
  const Dims& a = ahead[operand];
  return std::any_of(a.begin(), a.end(), [](int64_t places) { return places != 0; });
}

Walk walk_of(const Dims& shape, const std::vector<Array>& operands, bool by_rows, const std::vector<Dims>& ahead) {
  std::vector<Dims> strides;
  for (const Array& operand : operands) strides.push_back(element_strides(shape, operand));
  const auto ahead_of = [&](size_t k, size_t axis) {
    return k < ahead.size() && !ahead[k].empty() && strides[k][axis] != 0 ? ahead[k][axis] : 0;
  };
  Walk walk;
  walk.strides.resize(operands.size());
  walk.ahead.resize(operands.size());
  std::vector<size_t> kept;  // the last axis of each run
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const bool is_row = by_rows && axis + 1 == shape.size();
    if (shape[axis] == 1 && !is_row) continue;
    bool merged = !is_row && !kept.empty();
    for (size_t k = 0; merged && k < operands.size(); ++k)  // each operand goes over both as over one
      merged = strides[k][kept.back()] == strides[k][axis] * shape[axis] && ahead_of(k, axis) == 0;
    if (!merged) {
      kept.push_back(axis);
      walk.shape.push_back(shape[axis]);
      for (size_t k = 0; k < operands.size(); ++k) walk.ahead[k].push_back(ahead_of(k, axis));
      continue;
    }
    kept.back() = axis;
    walk.shape[walk.shape.size() - 1] *= shape[axis];
    for (Dims& places : walk.ahead) places[places.size() - 1] *= shape[axis];
  }
  for (size_t k = 0; k < operands.size(); ++k)
    for (const size_t axis : kept) walk.strides[k].push_back(strides[k][axis]);
  if (!kept.empty()) return walk;
  walk.shape.push_back(1);
  for (auto* of_operands : {&walk.strides, &walk.ahead})
    for (Dims& one : *of_operands) one.push_back(0);
  return walk;
}

}  // namespace forge::array
