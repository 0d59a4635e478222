#include "forge/core/dtype.hpp"

#include "forge/core/error.hpp"

namespace forge {

namespace {
constexpr char kind_of(std::string_view word) { return word[0]; }

std::string_view public_name(std::string_view name) { return name == "bool_" ? "bool" : name; }
}  // namespace

const std::vector<DTypeRow>& dtype_rows() {
  static const std::vector<DTypeRow> rows = {
#define FORGE_DTYPE(name, bytes, kind, numpy, glsl) \
  {DType::name, public_name(#name), bytes, kind_of(#kind), numpy, glsl},
#include "forge/core/dtypes.def"
#undef FORGE_DTYPE
  };
  return rows;
}

const DTypeRow& dtype_row(DType dtype) { return dtype_rows()[static_cast<size_t>(dtype)]; }

void check_computes(DType dtype) {
  if (dtype == DType::bfloat16)
    throw Error(ErrorCode::BAD_DTYPE, "this building block does not compute in bfloat16",
                "float32, which holds its values, or another dtype", "bfloat16", "cast it: x.astype('float32')");
}

std::optional<DType> find_dtype(char kind, size_t size) {
  for (const DTypeRow& row : dtype_rows())
    if (row.kind == kind && row.size == size) return row.dtype;
  return std::nullopt;
}

}  // namespace forge
