#pragma once

#include <optional>

#include "forge/array/fuse/node.hpp"

namespace forge::array {

/// A reduction along the last axis, which stays with an extent of 1, as part of an expression: what it reduces and what is
/// built on it become one kernel, in which a workgroup takes a row. Sums and products of integers and bool have 64 bits.
/// Nothing where that would not do: rows too short or too few, or dtypes that the device lacks.
std::optional<Lazy> reduce_rows(RowReduction op, const Lazy& value);

/// The same for all elements: an expression of shape (rows, 1), whose values are to be reduced once more. Nothing where the
/// expression cannot be taken as rows, or is an array already.
std::optional<Lazy> reduce_in_rows(RowReduction op, const Lazy& value);

}  // namespace forge::array
