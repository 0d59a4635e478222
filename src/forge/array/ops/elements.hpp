#pragma once

#include "forge/array/array.hpp"
#include "forge/shader/launch.hpp"

namespace forge::array {

/// What a reduction or scan does with two values.
enum class Operation : unsigned char { sum, prod, min, max, any, all, argmin, argmax };

/// The operation of this name; throws INVALID_ARGUMENT naming those that `what` offers.
Operation operation_of(const std::string& name, std::initializer_list<Operation> offered, const std::string& what);

inline bool is_indexed(Operation op) { return op == Operation::argmin || op == Operation::argmax; }

/// How combine.glsl and elements.glsl see an operation over a dtype on a device.
struct Combining {
  shader::Defines defines;  // all but WIDE, IN_STATE and OUT_STATE
  DType in;
  DType out;                // as NumPy: sums and products of integers have 64 bits
  size_t state_bytes;       // of what one pass leaves for the next
};

/// Throws BAD_DTYPE where the operation has no meaning for the dtype.
Combining combining(const vk::Device& device, Operation op, DType dtype);

/// uint32 counts of elements that are not zero, or with `plain` uint32 sums of uint32.
Combining counting(DType dtype, bool plain = false);

/// The GLSL type of at least 32 bits that holds every value.
std::string wide_type(DType dtype);

/// A shape seen from one axis.
struct AxisView {
  int64_t outer, n, inner;
};
AxisView view_of(const Dims& shape, int64_t axis);

/// A negative axis counts from the end. Throws OUT_OF_RANGE.
int64_t normal_axis(const Dims& shape, int64_t axis, const std::string& what);

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace forge::array
