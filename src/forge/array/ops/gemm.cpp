#include "forge/array/ops/gemm.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/panels.hpp"
#include "forge/array/ops/tuning.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/compile.hpp"
#include "forge/vk/cooperative.hpp"
#include "forge_shaders/gemm/broadcast_tile.hpp"
#include "forge_shaders/gemm/cooperative_tile.hpp"
#include "forge_shaders/gemm/shared_tile.hpp"

namespace forge::array {

namespace {

constexpr int64_t kMostElements = std::numeric_limits<int32_t>::max();  // of one launch's operand: indices have 32 bits
constexpr int64_t kMostPanelBytes = int64_t{512} << 20;  // of scratch memory for one operand
constexpr int64_t kMostDepth = 16384;  // of one tile's loop: some drivers end an invocation after 65,535 iterations

// GLSL's vectors of a dtype, without their number: "vec", "ivec", "i64vec".
std::string vector_of(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (row.kind == 'f') return row.size == 8 ? "dvec" : "vec";
  return std::string(1, row.kind) + (row.size == 8 ? "64vec" : "vec");
}

std::string kind_of(DType sum) { return dtype_row(sum).kind + std::to_string(8 * size_of(sum)); }

// -- the tile of sums that one workgroup works out --
struct Tile {
  uint32_t rows, columns;
  uint32_t step;  // values of k in one turn of the loop
  uint32_t lanes;  // loads of a lane in one row of the right side's panels; 0: through shared memory
  Choice choice;
  std::optional<vk::CooperativeShape> unit = std::nullopt;  // what matrix units multiply at once
  bool is_cooperative() const { return unit.has_value(); }
  bool is_shared() const { return lanes == 0 && !is_cooperative(); }
};

constexpr uint32_t kBallot = 8;  // VK_SUBGROUP_FEATURE_BALLOT_BIT: subgroupBroadcast

// Vector registers of the processor that CPU drivers compile for.
uint32_t host_registers() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vl") ? 32 : 16;
#else
  return 32;
#endif
}

bool fits(const vk::Device& device, DType sum, const Choice& choice) {
  const vk::Limits& limits = device.limits();
  if (choice.get("cooperative", 0) != 0) return false;  // asked for by cooperative_tile
  if (choice.get("registers", 0) > host_registers()) return false;
  if (choice.get("shared", 0) == 0)
    return (limits.subgroup_operations & kBallot) != 0 && device.has("subgroupBroadcastDynamicId");
  const uint32_t threads = choice["rows"] * choice["columns"] / (choice["thread"] * choice["thread"]);
  const uint64_t bytes =
      uint64_t{choice["rows"] + choice["columns"]} * choice["depth"] * choice["buffers"] * size_of(sum);
  return threads <= limits.max_invocations && threads <= limits.max_workgroup[0] && bytes <= limits.max_shared_bytes;
}

struct MatrixUnits {
  std::vector<vk::CooperativeShape> shapes;  // of float16 with float32 sums
  explicit MatrixUnits(const vk::Device& device) {
    // glslang knows the extension from 13 on; its version reads "glslang 13.1.1".
    const bool compiler = std::stoi(shader::compiler_version().substr(8)) >= 13;
    if (!compiler || !device.has("shaderFloat16") || !device.has("storageBuffer16BitAccess")) return;
    for (const vk::CooperativeShape& shape : vk::cooperative_shapes(device))
      if (shape.float16_operands && shape.float32_sums) shapes.push_back(shape);
  }

  // The largest that a tile consists of; it is read four values at a time. None: the unit has no such.
  std::optional<vk::CooperativeShape> for_tile(const Choice& choice) const {
    const uint32_t rows = choice["rows"] / choice["grid"], columns = choice["columns"] / choice["grid"];
    std::optional<vk::CooperativeShape> best;
    for (const vk::CooperativeShape& s : shapes) {
      const bool whole = rows % s.m == 0 && columns % s.n == 0 && choice["depth"] % s.k == 0;
      const auto work = [](const vk::CooperativeShape& one) { return one.m * one.n * one.k; };
      if (whole && s.m % 4 == 0 && s.n % 4 == 0 && (!best || work(s) > work(*best))) best = s;
    }
    return best;
  }
};
constexpr char kMatrixUnits{};

// The tile of a product by matrix units; none where the device, the compiler or the dtypes do not suit.
std::optional<Tile> cooperative_tile(vk::Device& device, const Gemm& product, bool small) {
  if (product.left.dtype != DType::float16 || product.right.dtype != DType::float16 || product.sum != DType::float32)
    return std::nullopt;
  const auto& units =
      device.shared_object<MatrixUnits>(&kMatrixUnits, [&] { return std::make_shared<MatrixUnits>(device); });
  if (units.shapes.empty()) return std::nullopt;
  const Choice choice = tuned(device, {.operation = "matmul", .kind = "f16", .size = small ? "small" : "large"});
  if (choice.get("cooperative", 0) == 0) return std::nullopt;
  const vk::Limits& limits = device.limits();
  const uint32_t grid = choice["grid"], threads = grid * grid * limits.subgroup_size;
  const uint32_t quads = choice["depth"] * ((choice["rows"] + choice["columns"]) / 4 + 2);
  const std::optional<vk::CooperativeShape> unit = units.for_tile(choice);
  if (!unit || threads > limits.max_invocations ||
      quads * 8 + grid * grid * unit->m * unit->n * 4 > limits.max_shared_bytes)
    return std::nullopt;
  return Tile{choice["rows"], choice["columns"], choice["depth"], 0, choice, unit};
}

Tile tile_on(vk::Device& device, const Gemm& product) {
  const bool small = product.rows * product.columns <= int64_t{512} * 512;
  if (const std::optional<Tile> tile = cooperative_tile(device, product, small)) return *tile;
  const Choice choice =
      tuned(device, {.operation = "matmul", .kind = kind_of(product.sum), .size = small ? "small" : "large"},
            [&](const vk::Device& one, const Choice& row) { return fits(one, product.sum, row); });
  if (choice.get("shared", 0) != 0) return {choice["rows"], choice["columns"], choice["depth"], 0, choice};
  // Rows come in loads of a whole subgroup: wider subgroups than the table was written for take more rows.
  const uint32_t group = device.limits().subgroup_size * (is_wide(product.sum) ? 1 : 2);
  return {u32(round_up(choice["rows"], group)), choice["lanes"] * group, choice["step"], choice["lanes"], choice};
}

// A convolution over two axes whose input tiles read where it lies: packing it costs more than that, unless many rows of tiles
// read it, and another tile kernel takes long to compile.
bool reads_directly(const Gemm& product, const Tile& tile, const vk::Limits& limits) {
  constexpr int64_t kMostReads = 64, kMostPadded = int64_t{1} << 28;
  if (!product.patches || tile.lanes == 0 || product.sum != DType::float32 || product.right.dtype != DType::float32 ||
      product.depth > kMostDepth || product.columns > int64_t{limits.max_groups[0]} * tile.columns)
    return false;  // blocks of columns begin at any place, not at rows
  const Patches& p = *product.patches;
  const int64_t channels = product.depth / (int64_t{p.kernel[0]} * p.kernel[1] * p.kernel[2]);
  const int64_t padded = (int64_t{p.inner[1]} + int64_t{2} * p.kernel[1] * p.dilation[1]) *
                         (int64_t{p.inner[2]} + int64_t{2} * p.kernel[2] * p.dilation[2]);
  return p.inner[0] == 1 && p.kernel[0] == 1 && p.before[0] == 0 && ceil_div(product.rows, tile.rows) <= kMostReads &&
         product.batches * channels * padded < kMostPadded &&
         (product.batches == 1 || product.right.batch_stride == channels * p.inner[1] * p.inner[2]);
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
      : commands_(commands), product_(product), tile_(tile_on(commands.device(), product)) {
    direct_ = reads_directly(product, tile_, commands.device().limits());
    if (direct_ && product.depth % tile_.step != 0) tile_.step = 1;  // no k may lie beyond the channels
    most_ = std::min<int64_t>(kMostElements, kMostPanelBytes / static_cast<int64_t>(size_of(product.sum)));
    // A slice of one tile fits; its depth is a whole number of the longest loops.
    const int64_t loops = std::clamp<int64_t>(most_ / std::max(tile_.rows, tile_.columns) / kMostDepth, 1, 8);
    slice_depth_ = std::min(round_up(std::max<int64_t>(product.depth, 1), tile_.step), loops * kMostDepth);
  }

  void run() {
    const vk::Limits& limits = commands_.device().limits();
    const int64_t rows = extent(product_.rows, tile_.rows, limits.max_groups[1]);
    const int64_t columns = extent(product_.columns, tile_.columns, limits.max_groups[0]);
    if (direct_) {
      const int64_t taps = int64_t{product_.patches->kernel[1]} * product_.patches->kernel[2];
      const int64_t planes = product_.batches * product_.depth / taps;
      planes_.emplace(pad_planes(commands_, product_.right, *product_.patches, planes));
    }
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
    if (direct_) return std::min<int64_t>(all, int64_t{most_groups} * tile);  // only one side is packed, which fits
    const int64_t tiles = std::clamp<int64_t>(most_ / (slice_depth_ * tile), 1, most_groups);
    return std::min(all, tiles * tile);
  }

  // Values of k that one group sums: few tiles share long sums among several groups.
  int64_t chunk(const Block& block, int64_t padded) const {
    if (product_.depth > slice_depth_) return kMostDepth;  // slices are whole multiples of it
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
    const vk::BufferRef partial = whole ? product_.product.memory : scratch(partial_, parts * block.sums());
    for (int64_t k = 0; k == 0 || k < product_.depth; k += slice_depth_) {
      const int64_t depth = std::min(slice_depth_, product_.depth - k);
      const Slice slice{k, depth, round_up(std::max<int64_t>(depth, 1), tile_.step)};
      const vk::BufferRef a = pack(left_, product_.left, block.row, block.rows, tile_.rows, slice, block);
      const vk::BufferRef b = direct_            ? planes_->memory
                              : product_.patches ? patches(slice, block)
                                                 : pack(right_, flipped(product_.right), block.column, block.columns,
                                                        tile_.columns, slice, block);
      if (whole) return tiles(a, b, target(block), slice, block, length, true);
      const Matrix sums{partial, product_.sum, k / length * block.sums(), block.columns, 1, block.rows * block.columns};
      tiles(a, b, sums, slice, block, length, false);
    }
    finish_sums(commands_, {partial, parts, block.batches, block.rows, block.columns}, product_.sum, target(block),
                ending_of(commands_, product_, block.row, block.column));
  }

  // Panels are written anew for each block, in the same memory.
  vk::BufferRef scratch(std::shared_ptr<vk::Buffer>& kept, int64_t elements) const {
    const uint64_t bytes = static_cast<uint64_t>(elements) * size_of(product_.sum);
    if (!kept || kept->size() < bytes)
      kept = vk::Buffer::create(commands_.device_ptr(), bytes, vk::Memory::device, "matmul panels");
    return {kept, 0, bytes};
  }

  // What panels hold.
  DType panel_dtype() const { return tile_.is_cooperative() ? DType::float16 : product_.sum; }

  Matrix target(const Block& block) const { return part_of(product_.product, block.batch, block.row, block.column); }

  vk::BufferRef pack(std::shared_ptr<vk::Buffer>& kept, const Matrix& matrix, int64_t row, int64_t rows, uint32_t tile,
                     const Slice& slice, const Block& block) {
    const int64_t batches = matrix.batch_stride == 0 ? 1 : block.batches;
    const vk::BufferRef panels = scratch(kept, batches * round_up(rows, tile) * slice.padded);
    pack_panels(commands_, part_of(matrix, block.batch, row, slice.first), panel_dtype(),
                {rows, slice.depth, slice.padded, batches, tile}, panels);
    return panels;
  }

  vk::BufferRef patches(const Slice& slice, const Block& block) {
    const vk::BufferRef panels = scratch(right_, block.batches * round_up(block.columns, tile_.columns) * slice.padded);
    pack_patches(commands_, part_of(product_.right, block.batch, 0, 0), *product_.patches, block.column, slice.first,
                 panel_dtype(), {block.columns, slice.depth, slice.padded, block.batches, tile_.columns}, panels);
    return panels;
  }

  shader::Defines tile_defines(DType out) const {
    shader::Defines defines = sum_defines(commands_.device(), product_.sum, out);
    if (tile_.is_cooperative())
      defines.insert({{"BLOCK_ROWS", std::to_string(tile_.rows)},
                      {"BLOCK_COLUMNS", std::to_string(tile_.columns)},
                      {"BLOCK_DEPTH", std::to_string(tile_.step)},
                      {"GRID", std::to_string(tile_.choice["grid"])},
                      {"UNIT_ROWS", std::to_string(tile_.unit->m)},
                      {"UNIT_COLUMNS", std::to_string(tile_.unit->n)},
                      {"UNIT_DEPTH", std::to_string(tile_.unit->k)}});
    else if (tile_.is_shared())
      defines.insert({{"SUM4", vector_of(product_.sum) + "4"},
                      {"BLOCK_ROWS", std::to_string(tile_.rows)},
                      {"BLOCK_COLUMNS", std::to_string(tile_.columns)},
                      {"BLOCK_DEPTH", std::to_string(tile_.step)},
                      {"THREAD", std::to_string(tile_.choice["thread"])},
                      {"BUFFERS", std::to_string(tile_.choice["buffers"])}});
    else
      defines.insert({{"ROWS", std::to_string(tile_.rows)},
                      {"LANES", std::to_string(tile_.lanes)},
                      {"STEP", std::to_string(tile_.step)}});
    if (direct_) defines["DIRECT"] = "1";
    return defines;
  }

  void tiles(const vk::BufferRef& a, const vk::BufferRef& b, const Matrix& to, const Slice& slice, const Block& block,
             int64_t length, bool finished) {
    if (tile_.is_cooperative()) return tiles_by<k::cooperative_tile>(a, b, to, slice, block, length, finished);
    if (tile_.is_shared()) return tiles_by<k::shared_tile>(a, b, to, slice, block, length, finished);
    tiles_by<k::broadcast_tile>(a, b, to, slice, block, length, finished);
  }

  template <class K>
  void tiles_by(const vk::BufferRef& a, const vk::BufferRef& b, const Matrix& to, const Slice& slice,
                const Block& block, int64_t length, bool finished) {
    shader::Defines defines = tile_defines(to.dtype);
    std::optional<Ending> ending;
    if (finished)
      ending = ending_of(commands_, product_, block.row, block.column);
    else if (product_.epilogue && product_.epilogue->of_parts)
      ending = ending_of(commands_, *product_.epilogue->of_parts);
    if (ending) defines.insert(ending->defines.begin(), ending->defines.end());
    const int64_t width = tile_.lanes == 0 ? 4 : is_wide(product_.sum) ? 1 : 2;  // values of a load
    const auto words = [&](const Matrix& matrix, int64_t rows, uint32_t tile) {
      return matrix.batch_stride == 0 ? 0u : u32(round_up(rows, tile) * slice.padded / width);
    };
    const int64_t parts = ceil_div(slice.padded, length);
    K kernel = of_kernel<K>({.a = a,
                             .b = b,
                             .product = memory_from(to, to.first),
                             .bias = ending ? ending->values : a,
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
                            block);
    dispatch_ending(commands_, shader::program_of<K>(commands_.device(), defines), kernel,
                    {u32(ceil_div(block.columns, tile_.columns)), u32(ceil_div(block.rows, tile_.rows)),
                     u32(block.batches * parts)},
                    ending);
  }

  // What all tile kernels take.
  struct Common {
    vk::BufferRef a, b, product, bias;
    uint32_t rows, columns, depth, chunk, splits, a_batch, b_batch, row_stride, column_stride, batch_stride,
        split_stride;
  };

  template <class K>
  K of_kernel(const Common& c, const Block& block) const {
    if constexpr (std::is_same_v<K, k::broadcast_tile>) {
      K kernel{c.a,
               c.b,
               c.product,
               c.bias,
               c.rows,
               c.columns,
               c.depth,
               c.chunk,
               c.splits,
               c.a_batch,
               c.b_batch,
               c.row_stride,
               c.column_stride,
               c.batch_stride,
               c.split_stride,
               0,
               0,
               {},
               {},
               {},
               0,
               0};
      if (direct_) describe(kernel, block);
      return kernel;
    } else {
      return K{c.a,      c.b,       c.product, c.bias,       c.rows,          c.columns,      c.depth,       c.chunk,
               c.splits, c.a_batch, c.b_batch, c.row_stride, c.column_stride, c.batch_stride, c.split_stride};
    }
  }

  // What is read directly begins at a block's first image and a place.
  void describe(k::broadcast_tile& kernel, const Block& block) const {
    const Patches& p = *product_.patches;
    FORGE_ASSERT(block.column == 0 || block.column % p.outer[2] == 0);
    const uint32_t line = planes_->columns, plane = planes_->rows * line;
    const uint32_t channels = u32(product_.depth / (int64_t{p.kernel[1]} * p.kernel[2]));
    const uint64_t row = static_cast<uint64_t>(block.column) / p.outer[2] * p.stride[1] * line;
    const uint64_t skip = (static_cast<uint64_t>(block.batch) * channels * plane + row) * sizeof(float);
    kernel.b = planes_->memory.part(skip, planes_->memory.size - skip);
    kernel.b_batch = channels * plane, kernel.plane = plane, kernel.width = p.outer[2];
    kernel.kernel = {p.kernel[1], p.kernel[2]};
    kernel.dilation = {p.dilation[1] * line, p.dilation[2]};
    kernel.stride = {p.stride[1] * line, p.stride[2]};
    const auto by = divider(p.outer[2]);
    kernel.magic = by[0], kernel.magic_shift = by[2];
  }

  vk::Commands& commands_;
  const Gemm& product_;
  bool direct_ = false;
  std::optional<PaddedPlanes> planes_;
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

// The same product with everything transposed.
void turn(Gemm& product) {
  std::swap(product.left, product.right);
  for (Matrix* matrix : {&product.left, &product.right, &product.product}) *matrix = flipped(*matrix);
  std::swap(product.rows, product.columns);
  product.turned = !product.turned;
  if (product.bias)
    product.bias->along = product.bias->along == Bias::Along::rows ? Bias::Along::columns : Bias::Along::rows;
}

}  // namespace

bool sees_points(const Patches& patches) {
  constexpr std::array<uint32_t, 3> ones{1, 1, 1};
  return patches.kernel == ones && patches.stride == ones && patches.before == std::array<int32_t, 3>{0, 0, 0} &&
         patches.inner == patches.outer;
}

Matrix flipped(const Matrix& matrix) {
  Matrix other = matrix;
  std::swap(other.row_stride, other.column_stride);
  return other;
}

void gemm(vk::Commands& commands, const Gemm& wish) {
  if (wish.batches == 0 || wish.rows == 0 || wish.columns == 0) return;
  Gemm product = wish;
  if (product.patches && sees_points(*product.patches) &&
      !reads_directly(product, tile_on(commands.device(), product), commands.device().limits()))
    product.patches.reset();
  if (product.patches) return Launcher(commands, product).run();
  if (product.depth == 0)  // sums of nothing: no element is read, wherever strides lead
    for (Matrix* side : {&product.left, &product.right}) *side = {side->memory, side->dtype};
  check_reach("the left side", product.left, product.rows, std::max<int64_t>(product.depth, 1));
  check_reach("the right side", product.right, std::max<int64_t>(product.depth, 1), product.columns);
  check_reach("the result", product.product, product.rows, product.columns);
  // The vectors of gemv are columns; tiles are wider than high, so there few columns are better off as rows.
  if (product.rows <= kMostVectors && product.rows < product.columns) turn(product);
  if (gemv(commands, product)) return;
  if (product.columns <= 32 && product.columns < product.rows) turn(product);
  Launcher(commands, product).run();
}

}  // namespace forge::array
