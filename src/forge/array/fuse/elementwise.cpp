#include "forge/array/fuse/elementwise.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "forge/core/error.hpp"

namespace forge::array {

namespace {

constexpr std::string_view text_of(std::string_view expression) { return expression == "none" ? "" : expression; }

constexpr bool calls_ours(std::string_view expression) { return expression.starts_with("vf_"); }

constexpr std::array kRows{
#define FORGE_ELEMENTWISE(name, operands, rule, real, integer, boolean, complex) \
  ElementwiseRow{Elementwise::name, #name,                                       \
                 operands,          DtypeRule::rule,                             \
                 text_of(#real),    text_of(#integer),                           \
                 text_of(#boolean), text_of(#complex),                           \
                 calls_ours(#real), calls_ours(#complex)},
#include "forge/array/fuse/elementwise.def"
#undef FORGE_ELEMENTWISE
};

DType of_kind(char kind, size_t size) { return *find_dtype(kind, size); }

// A float that holds what an integer of so many bytes holds, as far as there is one.
size_t float_bytes(const DTypeRow& row) {
  if (row.kind == 'f') return row.size;
  if (row.kind == 'c') return row.size / 2;
  return row.kind == 'b' || row.size == 1 ? 2 : row.size == 2 ? 4 : 8;
}

// bfloat16 holds integers of 8 bits; other dtypes meet it as they meet float32.
DType promote_brain(const DTypeRow& other) {
  if (other.dtype == DType::bfloat16 || other.kind == 'b' || (other.kind != 'f' && other.size == 1))
    return DType::bfloat16;
  return promote(DType::float32, other.dtype);
}

DType promote_integers(const DTypeRow& a, const DTypeRow& b) {
  if (a.kind == b.kind) return of_kind(a.kind, std::max(a.size, b.size));
  const DTypeRow& with_sign = a.kind == 'i' ? a : b;
  const DTypeRow& without = a.kind == 'i' ? b : a;
  if (with_sign.size > without.size) return with_sign.dtype;
  return without.size == 8 ? DType::float64 : of_kind('i', without.size * 2);
}

}  // namespace

std::string_view ElementwiseRow::expression(DType dtype) const {
  switch (dtype_row(dtype).kind) {
    case 'f': return for_float;
    case 'b': return for_bool;
    case 'i':
    case 'u': return for_integer;
    default: return for_complex;
  }
}

bool ElementwiseRow::is_costly(DType dtype) const {
  const char kind = dtype_row(dtype).kind;
  return (kind == 'f' && float_is_costly) || (kind == 'c' && complex_is_costly);
}

std::span<const ElementwiseRow> elementwise_rows() { return kRows; }

const ElementwiseRow& row_of(Elementwise op) { return kRows[static_cast<size_t>(op)]; }

DType part_of(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  return row.kind == 'c' ? of_kind('f', row.size / 2) : dtype;
}

DType promote(DType a, DType b) {
  const DTypeRow &x = dtype_row(a), &y = dtype_row(b);
  if (a == b || y.kind == 'b') return a;
  if (x.kind == 'b') return b;
  if (a == DType::bfloat16) return promote_brain(y);
  if (b == DType::bfloat16) return promote_brain(x);
  const size_t bytes = std::max(float_bytes(x), float_bytes(y));
  if (x.kind == 'c' || y.kind == 'c') return of_kind('c', std::max<size_t>(bytes, 4) * 2);
  if (x.kind == 'f' || y.kind == 'f') return of_kind('f', bytes);
  return promote_integers(x, y);
}

ElementwiseTypes types_of(const ElementwiseRow& row, std::span<const DType> operands, DType real) {
  const size_t first = row.rule == DtypeRule::choose ? 1 : 0;
  DType computed = operands[first];
  for (const DType dtype : operands.subspan(first + 1)) computed = promote(computed, dtype);
  const char kind = dtype_row(computed).kind;
  if (row.rule == DtypeRule::real && kind != 'f' && kind != 'c') computed = real;
  if (row.rule == DtypeRule::join && kind != 'c') {
    if (kind != 'f') computed = real;
    if (is_short_float(computed)) computed = DType::float32;
  }
  if (row.rule == DtypeRule::logical) computed = DType::bool_;
  if (first == 1 && operands[0] != DType::bool_)
    throw Error(ErrorCode::BAD_DTYPE, "the condition of " + std::string(row.name) + " is no bool", "bool",
                std::string(name_of(operands[0])), "compare it: x != 0");
  if (row.op == Elementwise::nextafter && is_short_float(computed))
    throw Error(ErrorCode::BAD_DTYPE, "nextafter steps through float32 and float64", "float32 or float64",
                std::string(name_of(computed)), "cast the operands first");
  if (row.expression(computed).empty())
    throw Error(ErrorCode::BAD_DTYPE, std::string(row.name) + " has no meaning for this dtype", "another dtype",
                std::string(name_of(computed)), "cast the operands first");
  const bool asks = row.rule == DtypeRule::compare || row.rule == DtypeRule::ask;
  if (row.rule == DtypeRule::join) return {computed, promote(computed, DType::complex64)};
  return {computed, asks ? DType::bool_ : row.rule == DtypeRule::parts ? part_of(computed) : computed};
}

}  // namespace forge::array
