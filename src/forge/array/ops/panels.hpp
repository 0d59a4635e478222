#pragma once

#include "forge/array/ops/gemm.hpp"

// What the ways to work out a matrix product share: operands as panels (shaders/include/gemm.glsl), and finished sums.
namespace forge::array {

inline constexpr uint32_t kThreads = 64;  // of one group, where it makes no difference

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }
inline uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }
inline bool is_wide(DType sum) { return size_of(sum) == 8; }

/// Macros of include/gemm.glsl for sums of one dtype stored as another.
shader::Defines sum_defines(const vk::Device& device, DType sum, DType out);
/// Macros that tell how elements of a dtype are read: SOURCE and SMALL.
shader::Defines source_defines(DType source);

/// The memory from one element on.
vk::BufferRef memory_from(const Matrix& matrix, int64_t element);
/// The matrix whose element (0, 0) is (row, column) of the given one, of one batch.
Matrix part_of(const Matrix& matrix, int64_t batch, int64_t row, int64_t column);

/// An address that stands in memory which kernels read by another address.
struct HeldAddress {
  std::shared_ptr<vk::Buffer> words;
  uint64_t at;  // bytes from its start
  vk::BufferRef memory;
};
/// As long as it lives, the addresses that this thread's products put into words of their endings; the innermost counts.
class HeldAddresses {
 public:
  HeldAddresses();
  ~HeldAddresses();
  HeldAddresses(const HeldAddresses&) = delete;
  HeldAddresses& operator=(const HeldAddresses&) = delete;
  std::vector<HeldAddress> list;

 private:
  HeldAddresses* before_;
};

/// What is done to finished sums from a row and a column on, as the kernels take it.
struct Ending {
  shader::Defines defines;
  vk::BufferRef values;  // of the bias, or the epilogue's words
  std::vector<vk::BufferRef> reads;  // found by addresses in them
};
std::optional<Ending> ending_of(vk::Commands& commands, const Gemm& product, int64_t row = 0, int64_t column = 0);
Ending ending_of(vk::Commands& commands, const Epilogue& epilogue, bool turned = false, int64_t row = 0,
                 int64_t column = 0);

template <class K>
void dispatch_ending(vk::Commands& commands, shader::Program& program, const K& kernel, std::array<uint32_t, 3> groups,
                     const std::optional<Ending>& ending) {
  shader::PackedArguments arguments;
  kernel.pack(arguments);
  if (ending)
    for (const vk::BufferRef& memory : ending->reads) arguments.touch(memory, shader::Access::read);
  shader::dispatch_packed(commands, program, arguments, groups, {});
}

/// Rows of a matrix, and how much of each.
struct PanelRange {
  int64_t rows, depth;
  int64_t padded;  // depth in the panels: zeros beyond
  int64_t batches;
  uint32_t tile;  // rows a panel
};
void pack_panels(vk::Commands& commands, const Matrix& matrix, DType sum, const PanelRange& range,
                 const vk::BufferRef& target);

/// The same of a convolution's patches, from a column and a value of k on.
void pack_patches(vk::Commands& commands, const Matrix& input, const Patches& patches, int64_t column, int64_t k,
                  DType sum, const PanelRange& range, const vk::BufferRef& target);

/// The input of a convolution over two axes with its padding around it; the input itself where there is none.
struct PaddedPlanes {
  vk::BufferRef memory;
  uint32_t rows, columns;
};
PaddedPlanes pad_planes(vk::Commands& commands, const Matrix& input, const Patches& patches, int64_t planes);

/// Adds partial products (splits, batches, rows, columns) and stores them.
struct PartialSums {
  vk::BufferRef sums;
  int64_t splits, batches, rows, columns;
};
void finish_sums(vk::Commands& commands, const PartialSums& partial, DType sum, const Matrix& product,
                 const std::optional<Ending>& ending);

/// A convolution of `images` in `groups` of one channel each, as the product of one group describes it; false where it is
/// none for this kernel. Biases and epilogues go by filters of all groups.
bool suits_depthwise(const Gemm& product, int64_t images, int64_t groups);
bool depthwise(vk::Commands& commands, const Gemm& product, int64_t images, int64_t groups);

/// A product with at most this many columns (or rows) goes through gemv, where strides allow it.
inline constexpr int64_t kMostVectors = 4;
/// The product of matrices with a few vectors, read in place; false where it is none of gemv's.
bool gemv(vk::Commands& commands, const Gemm& product);

}  // namespace forge::array
