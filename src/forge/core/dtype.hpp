#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace forge {

enum class DType : unsigned char {
#define FORGE_DTYPE(name, bytes, kind, numpy, glsl) name,
#include "forge/core/dtypes.def"
#undef FORGE_DTYPE
};

struct DTypeRow {
  DType dtype;
  std::string_view name;   // NumPy's name: "float32"
  size_t size;             // bytes an element
  char kind;               // b i u f c
  std::string_view numpy;  // type string: "<f4"
  std::string_view glsl;
};

const std::vector<DTypeRow>& dtype_rows();
const DTypeRow& dtype_row(DType dtype);
std::optional<DType> find_dtype(char kind, size_t size);  // never bfloat16, which is found by its name

inline size_t size_of(DType dtype) { return dtype_row(dtype).size; }
/// Throws BAD_DTYPE for bfloat16: what is no part of an expression computes in NumPy's own dtypes.
void check_computes(DType dtype);

/// Floats of 16 bits, which are computed with as float32 and rounded after each operation.
inline bool is_short_float(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }
inline std::string_view name_of(DType dtype) { return dtype_row(dtype).name; }

}  // namespace forge
