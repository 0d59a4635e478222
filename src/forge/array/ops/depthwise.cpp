#include <algorithm>

#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/array/ops/panels.hpp"
#include "forge_shaders/gemm/depthwise.hpp"

namespace forge::array {

namespace {

constexpr uint32_t kMostSteps = 512;  // products that are written out for one invocation
constexpr int64_t kMostElements = int64_t{1} << 31;  // divide() is right below
constexpr uint32_t kMostReads = 160;  // of one invocation

struct Extents {
  uint32_t rows, columns;
};

// One axis alone goes down the rows: places below each other share what they read.
struct Planes {
  Extents inner, outer, kernel, stride, dilation, before;
  explicit Planes(const Patches& p) {
    const bool is_line = p.inner[1] == 1 && p.kernel[1] == 1;
    const auto pick = [&](const auto& three, uint32_t other) {
      const auto last = static_cast<uint32_t>(three[2]);
      return is_line ? Extents{last, other} : Extents{static_cast<uint32_t>(three[1]), last};
    };
    inner = pick(p.inner, 1), outer = pick(p.outer, 1), kernel = pick(p.kernel, 1);
    stride = pick(p.stride, 1), dilation = pick(p.dilation, 1), before = pick(p.before, 0);
  }
};

// Places that an invocation sums, one below the other; 0 where its text would be too long. As many for all heights, as each
// number is a kernel of its own.
uint32_t rows_of(const Planes& planes) {
  const uint32_t taps = planes.kernel.rows * planes.kernel.columns;
  for (uint32_t rows = planes.outer.rows > 1 ? 4 : 1; rows > 0; --rows) {
    const uint32_t read = (rows - 1) * planes.stride.rows + (planes.kernel.rows - 1) * planes.dilation.rows + 1;
    if (rows * taps <= kMostSteps && read * planes.kernel.columns <= kMostReads) return rows;
  }
  return 0;
}

}  // namespace

bool suits_depthwise(const Gemm& product, int64_t images, int64_t groups) {
  if (!product.patches || groups == 1) return false;
  const Patches& patches = *product.patches;
  const Planes planes(patches);
  const bool single = product.right.dtype == DType::float32 && product.left.dtype == DType::float32 &&
                      product.product.dtype == DType::float32;
  const bool flat = patches.inner[0] == 1 && patches.kernel[0] == 1 && patches.before[0] == 0;
  const int64_t filters = groups * product.rows, count = images * filters * product.columns;
  return single && flat && product.depth == int64_t{planes.kernel.rows} * planes.kernel.columns &&
         count < kMostElements && images * groups * planes.inner.rows * planes.inner.columns < kMostElements &&
         rows_of(planes) > 0;
}

bool depthwise(vk::Commands& commands, const Gemm& product, int64_t images, int64_t groups) {
  if (!suits_depthwise(product, images, groups)) return false;
  const Planes planes(*product.patches);
  const int64_t filters = groups * product.rows;
  const uint32_t rows = rows_of(planes);
  shader::Defines defines = sum_defines(commands.device(), DType::float32, DType::float32);
  const std::optional<Ending> ending = ending_of(commands, product);
  if (ending) defines.insert(ending->defines.begin(), ending->defines.end());
  defines.insert({{"ROWS", std::to_string(rows)},
                  {"KERNEL_X", std::to_string(planes.kernel.columns)},
                  {"KERNEL_Y", std::to_string(planes.kernel.rows)},
                  {"STRIDE_Y", std::to_string(planes.stride.rows)},
                  {"DILATION_Y", std::to_string(planes.dilation.rows)}});
  const uint32_t blocks = u32(ceil_div(planes.outer.rows, rows));
  const uint32_t threads = u32(images * filters) * blocks * planes.outer.columns;
  dispatch_ending(
      commands, shader::program_of<k::depthwise>(commands.device(), defines),
      k::depthwise{.source = memory_from(product.right, product.right.first),
                   .weights = memory_from(product.left, product.left.first),
                   .product = memory_from(product.product, product.product.first),
                   .bias = ending ? ending->values : product.left.memory,
                   .count = threads,
                   .filters = u32(filters),
                   .by_columns = divider(planes.outer.columns),
                   .by_blocks = divider(blocks),
                   .by_filters = divider(u32(filters)),
                   .by_each = divider(u32(product.rows)),
                   .inner = {planes.inner.rows, planes.inner.columns},
                   .outer = {planes.outer.rows, planes.outer.columns},
                   .stride_x = planes.stride.columns,
                   .dilation_x = planes.dilation.columns,
                   .before = {static_cast<int32_t>(planes.before.rows), static_cast<int32_t>(planes.before.columns)}},
      grid_of(threads, 64), ending);
  return true;
}

}  // namespace forge::array
