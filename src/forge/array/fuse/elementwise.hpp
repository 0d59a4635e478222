#pragma once

#include <span>
#include <string_view>

#include "forge/core/dtype.hpp"

namespace forge::array {

enum class Elementwise : unsigned char {
#define FORGE_ELEMENTWISE(name, ...) name,
#include "forge/array/fuse/elementwise.def"
#undef FORGE_ELEMENTWISE
};

/// What an operation makes of its operands' dtypes; elementwise.def says it in words.
enum class DtypeRule : unsigned char { same, parts, join, compare, ask, logical, real, choose };

struct ElementwiseRow {
  Elementwise op;
  std::string_view name;
  size_t operands;
  DtypeRule rule;
  std::string_view for_float, for_integer, for_bool, for_complex;  // expressions; empty: no meaning

  /// Whether that is one of our own functions, which cost some ten times a sum.
  bool is_costly(DType dtype) const;
  bool float_is_costly, complex_is_costly;

  /// What it computes in a dtype.
  std::string_view expression(DType dtype) const;
};

std::span<const ElementwiseRow> elementwise_rows();
const ElementwiseRow& row_of(Elementwise op);

/// The float of a complex dtype's parts, and other dtypes themselves.
DType part_of(DType dtype);

/// The dtype that both become, by the tables of the Python array API standard 2024.12, and beyond them as NumPy 2: bool
/// gives way to numbers, integers to floats, floats to complex numbers, uint64 with a signed integer is float64.
DType promote(DType a, DType b);

/// What an operation computes in and gives.
struct ElementwiseTypes {
  DType computed;  // what operands become, but the first of `choose`
  DType result;
};
/// `real` is what `real` makes of integers. Throws BAD_DTYPE where the operation has no meaning for the dtypes.
ElementwiseTypes types_of(const ElementwiseRow& row, std::span<const DType> operands, DType real = DType::float64);

}  // namespace forge::array
