#pragma once

#include <cstddef>
#include <cstdint>

#include "forge/array/fuse/elementwise.hpp"

namespace forge::array {

/// Values in a block, as GLSL holds them while it computes: bool, or of at least 32 bits.
enum class HostValue : unsigned char { boolean, int32, uint32, int64, uint64, float32, float64, complex64, complex128 };
HostValue host_value(DType dtype);
size_t host_size(HostValue value);  // bytes

/// out[i] = row(a[i], b[i], c[i]) for a whole block.
using HostRow = void (*)(void* out, const void* const* operands, size_t count);

/// The host's form of a row in a dtype: its expression of elementwise.def, compiled. Null where it has no meaning there.
HostRow host_row(const ElementwiseRow& row, HostValue computed);
/// From one kind of value to another, before narrow dtypes are fitted.
HostRow host_conversion(HostValue from, HostValue to);
/// From float64 to a float of 16 bits, in one rounding.
HostRow host_conversion_to_short(DType dtype);
/// What comes of a float of 16 bits, or of integers of 8 and 16 bits, after each operation; null for other dtypes.
void (*host_fit(DType dtype))(void* values, size_t count);

}  // namespace forge::array
