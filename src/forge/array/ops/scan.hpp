#pragma once

#include "forge/array/ops/elements.hpp"
#include "forge/array/ops/strips.hpp"

namespace forge::array {

struct ScanOrder {
  bool exclusive = false;  // an element's own value is left out: the first result is the operation's identity
  bool reverse = false;    // from the end of the axis
};

/// Running sum, product, min or max along an axis, dtypes and NaN as NumPy's cumsum, cumprod and accumulate.
Array scan(vk::Commands& commands, const Array& in, Operation op, int64_t axis, ScanOrder order = {});

/// The same on bare memory: `out` gets results of the dtype `how.out`, or states. Throws LIMIT_EXCEEDED.
void scan_into(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
               ScanOrder order, bool from_state, bool to_state, const vk::BufferRef& out);

}  // namespace forge::array
