#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "forge/array/ops/panels.hpp"
#include "forge/array/ops/tuning.hpp"
#include "forge_shaders/gemm/columns_by_vectors.hpp"
#include "forge_shaders/gemm/rows_by_vectors.hpp"

namespace forge::array {

namespace {

constexpr int64_t kMostElements = std::numeric_limits<int32_t>::max();  // of one launch: indices have 32 bits
constexpr int64_t kMostTurns = 16384;      // of a loop: some drivers end an invocation after 65,535 iterations
constexpr int64_t kFewestTurns = 64;       // that are worth a group of their own
constexpr int64_t kMostSplits = 1024;
constexpr int64_t kMostHeld = 8;  // loads of a lane along a row whose part of the vectors stays in registers
constexpr uint32_t kShuffle = 16;  // VK_SUBGROUP_FEATURE_SHUFFLE_BIT

/// The matrix of a product with vectors, as the kernels walk it.
struct Walk {
  bool along_rows;  // the summed elements of a row lie together, or a row of summed ones does
  uint32_t values;  // elements a load
  int64_t length, rows;  // of the walk: loads along a row of memory, rows of memory
  int64_t row_stride, column_stride, batch_stride;  // in loads
};

// Whether strides and the start allow loads of 8 bytes.
bool in_words(const Matrix& m, int64_t length, int64_t row_stride, int64_t values) {
  const uint64_t start = memory_from(m, m.first).address();
  const bool forwards = m.row_stride >= 0 && m.column_stride >= 0 && m.batch_stride >= 0;
  return forwards && values > 1 && start % 8 == 0 && length % values == 0 && row_stride % values == 0 &&
         m.batch_stride % values == 0;
}

Walk walk_of(const Gemm& product) {
  const Matrix& m = product.left;
  const auto size = static_cast<int64_t>(size_of(m.dtype));
  const auto summed_together = m.column_stride == 1 || m.row_stride != 1;
  if (summed_together) {
    const bool words = m.column_stride == 1 && in_words(m, product.depth, m.row_stride, 8 / size);
    const int64_t values = words ? 8 / size : 1;
    return {true,
            u32(values),
            product.depth / values,
            product.rows,
            m.row_stride / values,
            m.column_stride,
            m.batch_stride / values};
  }
  const int64_t values = in_words(m, product.rows, m.column_stride, 8 / size) ? 8 / size : 1;
  return {false,
          u32(values),
          product.rows / values,
          product.depth,
          m.column_stride / values,
          m.row_stride,
          m.batch_stride / values};
}

class VectorLauncher {
 public:
  VectorLauncher(vk::Commands& commands, const Gemm& product)
      : commands_(commands),
        product_(product),
        walk_(walk_of(product)),
        choice_(tuned(commands.device(), {.operation = "matvec"})),
        subgroup_(commands.device().limits().subgroup_size) {
    if (walk_.values > 1) {
      const uint32_t most = u32(8 / static_cast<int64_t>(size_of(product.left.dtype)));
      lanes_ = std::max(1u, choice_["lanes"] * 2 / most);
    } else {
      lanes_ = choice_["lanes"];
    }
    lanes_ = u32(std::clamp<int64_t>(ceil_div(walk_.length, subgroup_), 1, lanes_));  // none beyond the row
    if (walk_.along_rows) tiles_ = tiles();
  }

  bool fits() const {
    const vk::Limits& limits = commands_.device().limits();
    const int64_t summed = walk_.along_rows ? walk_.length : walk_.rows;
    const int64_t turns = walk_.along_rows ? ceil_div(summed, subgroup_) : summed;
    const int64_t groups = ceil_div(walk_.along_rows ? walk_.rows : walk_.length, per_group());
    const int64_t batches = product_.batches;
    return turns / kMostTurns < kMostSplits / 2 && batches * kMostSplits <= limits.max_groups[2] &&
           groups <= (walk_.along_rows ? int64_t{limits.max_groups[0]} * limits.max_groups[1] : limits.max_groups[0]) &&
           batches * reach() < kMostElements && product_.depth * product_.columns * batches < kMostElements &&
           batches * product_.rows * product_.columns * splits() < kMostElements;
  }

  void run() {
    const int64_t columns = product_.columns;
    const bool shared = product_.right.batch_stride == 0;
    const vk::BufferRef vectors = packed_vectors(shared);
    const int64_t parts = splits();
    if (parts == 1) return launch(vectors, shared, product_.product, 1, 0);
    const int64_t sums = product_.batches * product_.rows * columns;
    const vk::BufferRef partial = scratch(parts * sums);
    launch(vectors, shared, {partial, product_.sum, 0, columns, 1, product_.rows * columns}, parts, sums);
    finish_sums(commands_, {partial, parts, product_.batches, product_.rows, columns}, product_.sum, product_.product,
                ending_of(commands_, product_));
  }

 private:
  // The vectors as the kernels read them: where they lie so already, in place.
  vk::BufferRef packed_vectors(bool shared) const {
    const Matrix& right = product_.right;
    const int64_t columns = product_.columns, depth = product_.depth, batches = shared ? 1 : product_.batches;
    const bool in_order = (right.row_stride == columns || depth == 1) && (right.column_stride == 1 || columns == 1) &&
                          (shared || right.batch_stride == depth * columns);
    if (right.dtype == product_.sum && in_order) return memory_from(right, right.first);
    const vk::BufferRef vectors = scratch(batches * depth * columns);
    pack_panels(commands_, flipped(right), product_.sum, {columns, depth, depth, batches, u32(columns)}, vectors);
    return vectors;
  }

  int64_t reach() const {
    const Matrix& m = product_.left;
    return std::max({std::abs(m.batch_stride), product_.rows * std::abs(m.row_stride),
                     product_.depth * std::abs(m.column_stride), std::abs(product_.product.batch_stride), int64_t{1}});
  }

  int64_t turns() const { return ceil_div(std::max<int64_t>(walk_.length, 1), subgroup_); }

  // A group that is over after a few loads costs more to start than to run.
  uint32_t tiles() const {
    const int64_t groups = product_.batches * ceil_div(walk_.rows, choice_["rows"]);
    return u32(std::clamp<int64_t>(std::min(kFewestTurns / turns(), groups / (8 * int64_t{choice_["groups"]})), 1, 64));
  }

  int64_t per_group() const {
    return walk_.along_rows ? int64_t{choice_["rows"]} * tiles_ : int64_t{lanes_} * subgroup_;
  }

  // Several groups share a sum where there are few of them, and where it is too long for one loop.
  int64_t splits() const {
    const int64_t summed = walk_.along_rows ? ceil_div(walk_.length, subgroup_) : walk_.rows;
    const int64_t groups = product_.batches * ceil_div(walk_.along_rows ? walk_.rows : walk_.length, per_group());
    const int64_t wanted = std::min<int64_t>(choice_["groups"] / std::max<int64_t>(groups, 1), summed / kFewestTurns);
    return ceil_div(summed, chunk_turns(std::clamp<int64_t>(wanted, 1, kMostSplits)));
  }

  // Turns of the loop that one of `wanted` splits takes.
  int64_t chunk_turns(int64_t wanted) const {
    const int64_t summed = walk_.along_rows ? ceil_div(walk_.length, subgroup_) : walk_.rows;
    return std::clamp<int64_t>(ceil_div(summed, wanted), 1, kMostTurns);
  }

  vk::BufferRef scratch(int64_t elements) const {
    return vk::Buffer::create(commands_.device_ptr(), static_cast<uint64_t>(elements) * size_of(product_.sum),
                              vk::Memory::device, "matmul vectors");
  }

  shader::Defines defines(DType out, const std::optional<Ending>& ending) const {
    shader::Defines defines = sum_defines(commands_.device(), product_.sum, out);
    defines.merge(source_defines(product_.left.dtype));
    defines.insert({{"VALUES", std::to_string(walk_.values)}, {"VECTORS", std::to_string(product_.columns)}});
    if (walk_.along_rows) defines["ROWS"] = std::to_string(choice_["rows"]);
    if (walk_.along_rows && tiles_ > 1 && turns() * product_.columns <= kMostHeld)
      defines["TURNS"] = std::to_string(turns());
    if (!walk_.along_rows) defines["LANES"] = std::to_string(lanes_);
    if (ending) defines.insert(ending->defines.begin(), ending->defines.end());
    // Words hold what the matrix holds, not what is summed in.
    if (walk_.values > 1 && is_wide(product_.sum)) narrow_words(defines);
    return defines;
  }

  // float32 and float16 summed in float64.
  void narrow_words(shader::Defines& defines) const {
    const bool words = commands_.device().has("shaderInt64");
    defines["WORD"] = words ? "uint64_t" : "uvec2";
    defines["BITS"] = words ? "unpackUint2x32" : "uvec2";
    defines["FROM_BITS"] = "uintBitsToFloat";
  }

  void launch(const vk::BufferRef& vectors, bool shared, const Matrix& to, int64_t parts, int64_t split) {
    if (walk_.along_rows) return launch_as<k::rows_by_vectors>(vectors, shared, to, parts, split);
    launch_as<k::columns_by_vectors>(vectors, shared, to, parts, split);
  }

  template <class K>
  void launch_as(const vk::BufferRef& vectors, bool shared, const Matrix& to, int64_t parts, int64_t split) {
    const Matrix& m = product_.left;
    const bool backwards = m.row_stride < 0 || m.column_stride < 0 || m.batch_stride < 0;
    const int64_t start = backwards ? 0 : m.first;
    const vk::BufferRef source = memory_from(m, start);
    const size_t size = size_of(m.dtype);
    const auto skew = static_cast<int64_t>(walk_.values == 1 && size < 4 ? source.address() % 4 / size : 0);
    const int64_t turns = chunk_turns(parts);
    const int64_t groups = ceil_div(walk_.along_rows ? walk_.rows : walk_.length, per_group());
    const int64_t across = std::min<int64_t>(groups, commands_.device().limits().max_groups[0]);
    std::optional<Ending> ending;
    if (parts == 1) ending = ending_of(commands_, product_);
    dispatch_ending(commands_, shader::program_of<K>(commands_.device(), defines(to.dtype, ending)),
                    K{.source = source,
                      .vectors = vectors,
                      .product = memory_from(to, to.first),
                      .bias = ending ? ending->values : vectors,
                      .first = u32((m.first - start) / walk_.values + skew),
                      .rows = u32(walk_.rows),
                      .length = u32(walk_.length),
                      .chunk = u32(walk_.along_rows ? turns * subgroup_ : turns),
                      .splits = u32(parts),
                      .row_stride = u32(walk_.row_stride),
                      .column_stride = u32(walk_.column_stride),
                      .batch_stride = u32(walk_.batch_stride),
                      .vectors_batch = shared ? 0 : u32(product_.depth * product_.columns),
                      .product_row = u32(to.row_stride),
                      .product_column = u32(to.column_stride),
                      .product_batch = u32(to.batch_stride),
                      .product_split = u32(split),
                      .tiles = tiles_},
                    {u32(across), u32(ceil_div(groups, across)), u32(product_.batches * parts)}, ending);
  }

  vk::Commands& commands_;
  const Gemm& product_;
  Walk walk_;
  Choice choice_;
  int64_t subgroup_;
  uint32_t lanes_;  // loads of a lane in one row of memory
  uint32_t tiles_ = 1;  // of rows that a group takes one after another
};

bool is_candidate(const vk::Device& device, const Gemm& product) {
  const bool long_integers = is_wide(product.sum) && dtype_row(product.sum).kind != 'f';
  return product.columns <= kMostVectors && product.depth > 0 && !long_integers &&
         (device.limits().subgroup_operations & kShuffle) != 0;
}

}  // namespace

bool gemv(vk::Commands& commands, const Gemm& product) {
  if (!is_candidate(commands.device(), product)) return false;
  VectorLauncher launcher(commands, product);
  if (!launcher.fits()) return false;
  launcher.run();
  return true;
}

}  // namespace forge::array
