#pragma once

#include <optional>

#include "forge/array/array.hpp"
#include "forge/vk/commands.hpp"

namespace forge::array {

struct Epilogue;  // gemm.hpp

struct MatmulOptions {
  bool transpose_a = false, transpose_b = false;  // of the last two axes
  std::optional<DType> out = std::nullopt;        // absent: see product_dtype
};

/// What products of these dtypes are summed in; throws BAD_DTYPE for those that have no product.
DType sum_dtype(DType a, DType b);
/// The default dtype of their product: as NumPy, but int32 for 8-bit integers.
DType product_dtype(DType a, DType b);

/// The shape of a @ b; throws as matmul does.
Dims matmul_shape(const Array& a, const Array& b, const MatmulOptions& options = {});

/// NumPy's a @ b: vectors, matrices, or stacks of matrices whose leading axes broadcast; any strides.
Array matmul(vk::Commands& commands, const Array& a, const Array& b, const MatmulOptions& options = {});
/// The same to `out`, of its shape; with an epilogue, which reads arrays behind two matrices alone, what that makes of each.
void matmul_into(vk::Commands& commands, const Array& a, const Array& b, const MatmulOptions& options, const Array& out,
                 std::shared_ptr<const Epilogue> epilogue = nullptr);

}  // namespace forge::array
