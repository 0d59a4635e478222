#include "forge/array/ops/gemm.hpp"

#include <algorithm>
#include <limits>

#include "forge/array/ops/tuning.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/gemm/broadcast_tile.hpp"
#include "forge_shaders/gemm/finish.hpp"
#include "forge_shaders/gemm/panels.hpp"

namespace forge::array {

namespace {

constexpr int64_t kMostElements = std::numeric_limits<int32_t>::max();  // of one launch's operand: indices have 32 bits
constexpr int64_t kMostPanelBytes = int64_t{512} << 20;  // of scratch memory for one operand
constexpr int64_t kMostDepth = 32768;  // of one tile's loop: some drivers end an invocation after 65,535 iterations
constexpr uint32_t kPackDepth = 8;  // values of k a thread packs
constexpr uint32_t kThreads = 64;  // of pack and finish

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }
uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }

bool wide(DType sum) { return size_of(sum) == 8; }

std::string kind_of(DType sum) { return dtype_row(sum).kind + std::to_string(8 * size_of(sum)); }

// -- the tile of sums that one workgroup works out --
struct Tile {
  uint32_t rows, columns, step;  // step: values of k in one turn of the loop
  uint32_t lanes;
};

Tile tile_on(vk::Device& device, DType sum) {
  const uint32_t subgroup = device.limits().subgroup_size;
  const uint32_t width = wide(sum) ? 1 : 2;
  const Choice choice = tuned(device, {.operation = "matmul", .kind = kind_of(sum)});
  // Rows come in loads of a whole subgroup: wider subgroups than the table was written for take more rows.
  const auto rows = u32(round_up(choice["rows"], int64_t{subgroup} * width));
  return {rows, choice["lanes"] * width * subgroup, choice["step"], choice["lanes"]};
}

shader::Defines sum_defines(const vk::Device& device, DType sum, DType out) {
  shader::Defines defines{{"SUM", std::string(dtype_row(sum).glsl)}, {"OUT", std::string(dtype_row(out).glsl)}};
  if (wide(sum)) {
    for (const char* name : {"SUM_WORD", "WORD", "BITS", "FROM_BITS"}) defines[name] = defines["SUM"];
    defines["WIDTH"] = "1";
    if (dtype_row(sum).kind != 'f') defines["LONG"] = "1";
    return defines;
  }
  const bool is_float = dtype_row(sum).kind == 'f';
  const std::string vector = is_float ? "vec2" : dtype_row(sum).kind == 'i' ? "ivec2" : "uvec2";
  // One load of 64 bits costs what one of 32 does, two loads twice as much.
  const bool words = device.has("shaderInt64");
  defines.insert({{"SUM_WORD", vector},
                  {"WIDTH", "2"},
                  {"WORD", words ? "uint64_t" : "uvec2"},
                  {"BITS", words ? "unpackUint2x32" : "uvec2"},
                  {"FROM_BITS", is_float ? "uintBitsToFloat" : vector}});
  return defines;
}

shader::Program& pack_program(vk::Device& device, DType source, DType sum, uint32_t tile) {
  const DTypeRow& row = dtype_row(source);
  const bool small = row.size < 4;
  if (row.size == 2 && row.kind != 'f')
    throw Error(ErrorCode::BAD_DTYPE, "no product of this dtype", "float16, not 16-bit integers",
                std::string(row.name));
  const std::string word = row.kind == 'i' ? "int" : "uint";
  return shader::program_of<k::panels>(device, {{"SOURCE", small ? word : std::string(row.glsl)},
                                                {"SMALL", std::to_string(small ? row.size * 8 : 0)},
                                                {"SUM", std::string(dtype_row(sum).glsl)},
                                                {"TILE", std::to_string(tile)},
                                                {"DEPTH", std::to_string(kPackDepth)}});
}

/// Part of a product that one set of launches works out.
struct Block {
  int64_t batch, batches, row, rows, column, columns;
  int64_t sums() const { return batches * rows * columns; }
};

/// Part of the sums' depth, whose panels are in memory at one time.
struct Slice {
  int64_t first, depth, padded;  // padded: to whole steps
};

class Launcher {
 public:
  Launcher(vk::Commands& commands, const Gemm& product)
      : commands_(commands), product_(product), tile_(tile_on(commands.device(), product.sum)) {
    most_ = std::min<int64_t>(kMostElements, kMostPanelBytes / static_cast<int64_t>(size_of(product.sum)));
    // A slice of one tile fits; its depth is a whole number of the longest loops.
    const int64_t loops = std::max<int64_t>(most_ / std::max(tile_.rows, tile_.columns) / kMostDepth, 1);
    slice_depth_ = std::min(round_up(std::max<int64_t>(product.depth, 1), tile_.step), loops * kMostDepth);
  }

  void run() {
    const vk::Limits& limits = commands_.device().limits();
    const int64_t rows = extent(product_.rows, tile_.rows, limits.max_groups[1]);
    const int64_t columns = extent(product_.columns, tile_.columns, limits.max_groups[0]);
    const int64_t panels = slice_depth_ * std::max(round_up(rows, tile_.rows), round_up(columns, tile_.columns));
    const int64_t reach = std::max({panels, std::abs(product_.left.batch_stride), std::abs(product_.right.batch_stride),
                                    std::abs(product_.product.batch_stride), rows * columns});
    const int64_t batches =
        std::clamp<int64_t>(most_ / reach, 1, std::min<int64_t>(product_.batches, limits.max_groups[2] / kMostSplits));
    for (int64_t b = 0; b < product_.batches; b += batches)
      for (int64_t c = 0; c < product_.columns; c += columns)
        for (int64_t r = 0; r < product_.rows; r += rows)
          block({b, std::min(batches, product_.batches - b), r, std::min(rows, product_.rows - r), c,
                 std::min(columns, product_.columns - c)});
  }

 private:
  static constexpr int64_t kMostSplits = 64;  // of one slice

  // Rows (or columns) of one block: whole tiles, as many as the grid and the panels' memory allow.
  int64_t extent(int64_t all, uint32_t tile, uint32_t most_groups) const {
    const int64_t tiles = std::clamp<int64_t>(most_ / (slice_depth_ * tile), 1, most_groups);
    return std::min(all, tiles * tile);
  }

  // Values of k that one group sums: few tiles share long sums among several groups.
  int64_t chunk(const Block& block, int64_t padded) const {
    const int64_t tiles = block.batches * ceil_div(block.rows, tile_.rows) * ceil_div(block.columns, tile_.columns);
    const int64_t busy = commands_.device().info().type == vk::AdapterType::cpu ? 8 : 256;  // groups
    const int64_t shares = std::clamp<int64_t>(std::min(busy / tiles, padded / 256), 1, kMostSplits);
    return std::min(round_up(ceil_div(padded, shares), tile_.step), kMostDepth);
  }

  void block(const Block& block) {
    const int64_t length = chunk(block, slice_depth_);
    const int64_t parts = ceil_div(std::max<int64_t>(product_.depth, 1), length);
    if (parts * block.sums() > kMostElements)
      throw Error(ErrorCode::LIMIT_EXCEEDED, "a product with so long a sum has too many partial results",
                  "fewer than 2^31", std::to_string(parts * block.sums()), "multiply blocks of rows");
    const bool whole = parts == 1;
    const vk::BufferRef partial = whole ? target(block).memory : scratch(partial_, parts * block.sums());
    for (int64_t k = 0; k == 0 || k < product_.depth; k += slice_depth_) {
      const int64_t depth = std::min(slice_depth_, product_.depth - k);
      const Slice slice{k, depth, round_up(std::max<int64_t>(depth, 1), tile_.step)};
      const vk::BufferRef a = pack(left_, product_.left, block.row, block.rows, tile_.rows, slice, block);
      const vk::BufferRef b =
          pack(right_, flipped(product_.right), block.column, block.columns, tile_.columns, slice, block);
      if (whole) return tiles(a, b, target(block), slice, block, length, true);
      const auto bytes = static_cast<uint64_t>(k / length * block.sums()) * size_of(product_.sum);
      tiles(a, b,
            {partial.part(bytes, partial.size - bytes), product_.sum, 0, block.columns, 1, block.rows * block.columns},
            slice, block, length, false);
    }
    finish(partial, block, parts);
  }

  // Panels are written anew for each block, in the same memory.
  vk::BufferRef scratch(std::shared_ptr<vk::Buffer>& kept, int64_t elements) const {
    const uint64_t bytes = static_cast<uint64_t>(elements) * size_of(product_.sum);
    if (!kept || kept->size() < bytes)
      kept = vk::Buffer::create(commands_.device_ptr(), bytes, vk::Memory::device, "matmul panels");
    return {kept, 0, bytes};
  }

  static vk::BufferRef from(const Matrix& matrix, int64_t element) {
    const auto bytes = static_cast<uint64_t>(element) * size_of(matrix.dtype);
    return matrix.memory.part(bytes, matrix.memory.size - bytes);
  }

  Matrix target(const Block& block) const {
    Matrix matrix = product_.product;
    matrix.memory = from(matrix, matrix.first + block.batch * matrix.batch_stride + block.row * matrix.row_stride +
                                     block.column * matrix.column_stride);
    matrix.first = 0;
    return matrix;
  }

  vk::BufferRef pack(std::shared_ptr<vk::Buffer>& kept, const Matrix& matrix, int64_t row, int64_t rows, uint32_t tile,
                     const Slice& slice, const Block& block) {
    const int64_t batches = matrix.batch_stride == 0 ? 1 : block.batches;
    const int64_t panel_rows = round_up(rows, tile);
    const vk::BufferRef panels = scratch(kept, batches * panel_rows * slice.padded);
    const int64_t element =
        matrix.first + block.batch * matrix.batch_stride + row * matrix.row_stride + slice.first * matrix.column_stride;
    // Strides that go backwards reach below the element; 32-bit indices then count from the memory's start.
    const bool backwards = matrix.row_stride < 0 || matrix.column_stride < 0 || matrix.batch_stride < 0;
    const int64_t start = backwards ? 0 : element;
    // Small elements are read as parts of words, which start where addresses are multiples of four.
    const auto size = size_of(matrix.dtype);
    const auto skew = static_cast<int64_t>(size < 4 ? from(matrix, start).address() % 4 / size : 0);
    shader::dispatch(commands_, pack_program(commands_.device(), matrix.dtype, product_.sum, tile),
                     k::panels{.source = from(matrix, start),
                               .target = panels,
                               .first = u32(element - start + skew),
                               .rows = u32(rows),
                               .depth = u32(slice.depth),
                               .padded = u32(slice.padded),
                               .panel_rows = u32(panel_rows),
                               .row_stride = u32(matrix.row_stride),
                               .depth_stride = u32(matrix.column_stride),
                               .batch_stride = u32(matrix.batch_stride)},
                     {u32(ceil_div(panel_rows, kThreads)), u32(ceil_div(slice.padded, kPackDepth)), u32(batches)});
    return panels;
  }

  vk::BufferRef bias_or(const vk::BufferRef& other, const Block& block) const {
    if (!product_.bias) return other;
    const int64_t skip = product_.bias->along == Bias::Along::rows ? block.row : block.column;
    const vk::BufferRef& values = product_.bias->values;
    const uint64_t bytes = static_cast<uint64_t>(skip) * size_of(product_.sum);
    return values.part(bytes, values.size - bytes);
  }

  void add_bias(shader::Defines& defines) const {
    if (product_.bias) defines["BIAS"] = std::to_string(static_cast<int>(product_.bias->along));
  }

  void tiles(const vk::BufferRef& a, const vk::BufferRef& b, const Matrix& to, const Slice& slice, const Block& block,
             int64_t length, bool finished) {
    vk::Device& device = commands_.device();
    shader::Defines defines = sum_defines(device, product_.sum, to.dtype);
    defines.insert({{"ROWS", std::to_string(tile_.rows)},
                    {"LANES", std::to_string(tile_.lanes)},
                    {"STEP", std::to_string(tile_.step)}});
    if (finished) add_bias(defines);
    const int64_t width = wide(product_.sum) ? 1 : 2;
    const auto words = [&](const Matrix& matrix, int64_t rows, uint32_t tile) {
      return matrix.batch_stride == 0 ? 0 : u32(round_up(rows, tile) * slice.padded / width);
    };
    const int64_t parts = ceil_div(slice.padded, length);
    shader::dispatch(commands_, shader::program_of<k::broadcast_tile>(device, defines),
                     k::broadcast_tile{.a = a,
                                       .b = b,
                                       .product = to.memory,
                                       .bias = bias_or(a, block),
                                       .rows = u32(block.rows),
                                       .columns = u32(block.columns),
                                       .depth = u32(slice.padded),
                                       .chunk = u32(length),
                                       .splits = u32(parts),
                                       .a_batch = words(product_.left, block.rows, tile_.rows),
                                       .b_batch = words(product_.right, block.columns, tile_.columns),
                                       .row_stride = u32(to.row_stride),
                                       .column_stride = u32(to.column_stride),
                                       .batch_stride = u32(to.batch_stride),
                                       .split_stride = u32(block.sums())},
                     {u32(ceil_div(block.columns, tile_.columns)), u32(ceil_div(block.rows, tile_.rows)),
                      u32(block.batches * parts)});
  }

  void finish(const vk::BufferRef& partial, const Block& block, int64_t parts) {
    shader::Defines defines = sum_defines(commands_.device(), product_.sum, product_.product.dtype);
    add_bias(defines);
    const Matrix to = target(block);
    const int64_t groups = ceil_div(block.sums(), kThreads);
    const int64_t across = std::min<int64_t>(groups, commands_.device().limits().max_groups[0]);
    shader::dispatch(commands_, shader::program_of<k::finish>(commands_.device(), defines),
                     k::finish{.partial = partial,
                               .product = to.memory,
                               .bias = bias_or(partial, block),
                               .splits = u32(parts),
                               .rows = u32(block.rows),
                               .columns = u32(block.columns),
                               .count = u32(block.sums()),
                               .row_stride = u32(to.row_stride),
                               .column_stride = u32(to.column_stride),
                               .batch_stride = u32(to.batch_stride)},
                     {u32(across), u32(ceil_div(groups, across)), 1});
  }

  vk::Commands& commands_;
  const Gemm& product_;
  Tile tile_;
  int64_t most_;  // elements of one operand's panels
  int64_t slice_depth_;
  std::shared_ptr<vk::Buffer> left_, right_, partial_;
};

void check_reach(const char* name, const Matrix& matrix, int64_t rows, int64_t columns) {
  const int64_t reach = (rows - 1) * std::abs(matrix.row_stride) + (columns - 1) * std::abs(matrix.column_stride);
  if (reach > kMostElements)
    throw Error(ErrorCode::LIMIT_EXCEEDED, std::string(name) + " of a matrix product is too large",
                "fewer than 2^31 elements", std::to_string(reach), "multiply blocks of it");
}

}  // namespace

Matrix flipped(const Matrix& matrix) {
  Matrix other = matrix;
  std::swap(other.row_stride, other.column_stride);
  return other;
}

void gemm(vk::Commands& commands, const Gemm& wish) {
  if (wish.batches == 0 || wish.rows == 0 || wish.columns == 0) return;
  Gemm product = wish;
  if (product.depth == 0)  // sums of nothing: no element is read, wherever strides lead
    for (Matrix* side : {&product.left, &product.right}) *side = {side->memory, side->dtype};
  check_reach("the left side", product.left, product.rows, std::max<int64_t>(product.depth, 1));
  check_reach("the right side", product.right, std::max<int64_t>(product.depth, 1), product.columns);
  check_reach("the result", product.product, product.rows, product.columns);
  // Tiles are wider than high: few columns are better off as rows.
  if (product.columns <= 32 && product.columns < product.rows) {
    std::swap(product.left, product.right);
    for (Matrix* matrix : {&product.left, &product.right, &product.product}) *matrix = flipped(*matrix);
    std::swap(product.rows, product.columns);
    if (product.bias)
      product.bias->along = product.bias->along == Bias::Along::rows ? Bias::Along::columns : Bias::Along::rows;
  }
  Launcher(commands, product).run();
}

}  // namespace forge::array
