#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forge/array/array.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/commands.hpp"

// The matrix product behind matmul and convolve: operands are packed into panels, tiles of sums run over the panels.
namespace forge::array {

/// A stack of matrices of any strides (in elements). `memory` starts at or before the first element.
struct Matrix {
  vk::BufferRef memory;
  DType dtype;
  int64_t first = 0;  // elements from the memory's start to element (0, 0) of the first matrix
  int64_t row_stride = 0, column_stride = 0, batch_stride = 0;
};

/// The same elements with rows and columns exchanged.
Matrix flipped(const Matrix& matrix);

/// What is added to a finished product, in the dtype that is summed in.
struct Bias {
  vk::BufferRef values;
  enum class Along : unsigned char { rows = 1, columns = 2 } along;
};

/// What becomes of each finished sum, beside elements of other arrays at its row and column: include/gemm.glsl.
struct Epilogue {
  shader::Defines defines;  // STANDARD, or EPILOGUE and what it needs
  std::vector<uint32_t> numbers;
  struct Operand {
    std::optional<vk::BufferRef> memory = std::nullopt;  // none: it is not read
    uint32_t first = 0, row_stride = 0, column_stride = 0;  // elements; they wrap
  };
  std::vector<Operand> operands;
  std::shared_ptr<const Epilogue> turned =
      nullptr;  // the same for a product that is worked out with its rows as columns
  std::shared_ptr<const Epilogue> of_parts = nullptr;  // what leaves sums as they are and is the same kernel
  bool reads_arrays() const {
    return std::any_of(operands.begin(), operands.end(), [](const Operand& o) { return o.memory.has_value(); });
  }
};

/// What a convolution sums in place of the right side: column p is a place of the output, row k a channel and a place of
/// the kernel. One and two axes are three with extents of 1 in front.
struct Patches {
  std::array<uint32_t, 3> inner, outer;  // extents of the input and of the output
  std::array<uint32_t, 3> kernel, stride, dilation;
  std::array<int32_t, 3> before;  // padding
};

/// Where each place of the output sees one place of the input, and those follow each other: that is a product of matrices.
bool sees_points(const Patches& patches);

/// product[b] (rows, columns) = left[b] (rows, depth) @ right[b] (depth, columns), for `batches` b.
struct Gemm {
  Matrix left, right, product;
  int64_t batches = 1, rows = 0, columns = 0, depth = 0;
  DType sum = DType::float32;  // what products are added in: float32, float64, int32, uint32, int64, uint64
  std::optional<Bias> bias = std::nullopt;
  std::shared_ptr<const Epilogue> epilogue = nullptr;  // without a bias; of a single batch where it reads arrays
  bool turned = false;  // the epilogue's rows are columns
  std::optional<Patches> patches = std::nullopt;  // right is then (batches, channels, inner), contiguous in a batch
};

/// Records the product; splits what is beyond the device's grid, 32-bit indices, or the bound on loop iterations.
void gemm(vk::Commands& commands, const Gemm& product);

}  // namespace forge::array
