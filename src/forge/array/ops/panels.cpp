#include "forge/array/ops/panels.hpp"

#include <algorithm>
#include <utility>

#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/gemm/finish.hpp"
#include "forge_shaders/gemm/pad.hpp"
#include "forge_shaders/gemm/panels.hpp"
#include "forge_shaders/gemm/patches.hpp"

namespace forge::array {

namespace {

constexpr uint32_t kPackDepth = 8;  // values of k in one turn of a thread

// Turns that keep the grid within every device's limit of 65,535 groups.
int64_t turns_for(int64_t depth) { return ceil_div(ceil_div(depth, kPackDepth), 65535); }

}  // namespace

shader::Defines sum_defines(const vk::Device& device, DType sum, DType out) {
  shader::Defines defines{{"SUM", std::string(dtype_row(sum).glsl)}, {"OUT", std::string(dtype_row(out).glsl)}};
  if (is_wide(sum)) {
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

namespace {

thread_local HeldAddresses* held_addresses = nullptr;

// Numbers, then of each operand its address, its first element and its strides. One that is not read has the address of the
// words: some drivers load for lanes that are switched off as well.
vk::BufferRef words_of(vk::Commands& commands, const Epilogue& epilogue, bool turned, int64_t row, int64_t column) {
  std::vector<uint32_t> words = epilogue.numbers;
  const uint64_t bytes = std::max<size_t>(words.size() + 5 * epilogue.operands.size(), 1) * sizeof(uint32_t);
  const auto buffer = vk::Buffer::create(commands.device_ptr(), bytes, vk::Memory::upload, "operands of an epilogue");
  if (turned) std::swap(row, column);
  for (const Epilogue::Operand& operand : epilogue.operands) {
    const uint64_t address = operand.memory ? operand.memory->address() : vk::BufferRef(buffer).address();
    const uint32_t first = operand.first + u32(row) * operand.row_stride + u32(column) * operand.column_stride;
    for (const uint32_t word : {static_cast<uint32_t>(address), static_cast<uint32_t>(address >> 32), first,
                                operand.row_stride, operand.column_stride})
      words.push_back(word);
  }
  std::copy(words.begin(), words.end(), reinterpret_cast<uint32_t*>(buffer->mapped()));  // there may be none
  buffer->flush(0, bytes);
  for (size_t i = 0; held_addresses && i < epilogue.operands.size(); ++i)
    if (const auto& memory = epilogue.operands[i].memory)
      held_addresses->list.push_back({buffer, (epilogue.numbers.size() + 5 * i) * sizeof(uint32_t), *memory});
  return buffer;
}

}  // namespace

HeldAddresses::HeldAddresses() : before_(std::exchange(held_addresses, this)) {}
HeldAddresses::~HeldAddresses() { held_addresses = before_; }

Ending ending_of(vk::Commands& commands, const Epilogue& wish, bool turned, int64_t row, int64_t column) {
  const bool has_turned = turned && wish.turned;
  const Epilogue& epilogue = has_turned ? *wish.turned : wish;
  const bool exchanged = turned && !has_turned;
  Ending ending{epilogue.defines, words_of(commands, epilogue, exchanged, row, column), {}};
  if (exchanged) ending.defines["TURNED"] = "1";
  for (const Epilogue::Operand& operand : epilogue.operands)
    if (operand.memory) ending.reads.push_back(*operand.memory);
  return ending;
}

std::optional<Ending> ending_of(vk::Commands& commands, const Gemm& product, int64_t row, int64_t column) {
  if (product.epilogue) return ending_of(commands, *product.epilogue, product.turned, row, column);
  if (!product.bias) return std::nullopt;
  const int64_t skip = product.bias->along == Bias::Along::rows ? row : column;
  const vk::BufferRef& values = product.bias->values;
  const uint64_t bytes = static_cast<uint64_t>(skip) * size_of(product.sum);
  return Ending{
      {{"BIAS", std::to_string(static_cast<int>(product.bias->along))}}, values.part(bytes, values.size - bytes), {}};
}

shader::Defines source_defines(DType source) {
  check_computes(source);
  const DTypeRow& row = dtype_row(source);
  const bool small = row.size < 4;
  FORGE_ASSERT(row.size != 2 || row.kind == 'f');
  return {{"SOURCE", small ? (row.kind == 'i' ? "int" : "uint") : std::string(row.glsl)},
          {"SMALL", std::to_string(small ? row.size * 8 : 0)}};
}

vk::BufferRef memory_from(const Matrix& matrix, int64_t element) {
  const auto bytes = static_cast<uint64_t>(element) * size_of(matrix.dtype);
  return matrix.memory.part(bytes, matrix.memory.size - bytes);
}

Matrix part_of(const Matrix& matrix, int64_t batch, int64_t row, int64_t column) {
  Matrix part = matrix;
  part.first += batch * matrix.batch_stride + row * matrix.row_stride + column * matrix.column_stride;
  return part;
}

void pack_panels(vk::Commands& commands, const Matrix& matrix, DType sum, const PanelRange& range,
                 const vk::BufferRef& target) {
  shader::Defines defines = source_defines(matrix.dtype);
  defines.insert({{"SUM", std::string(dtype_row(sum).glsl)},
                  {"TILE", std::to_string(range.tile)},
                  {"DEPTH", std::to_string(kPackDepth)}});
  // Strides that go backwards reach below the first element; 32-bit indices then count from the memory's start.
  const bool backwards = matrix.row_stride < 0 || matrix.column_stride < 0 || matrix.batch_stride < 0;
  const int64_t start = backwards ? 0 : matrix.first;
  const vk::BufferRef source = memory_from(matrix, start);
  // Small elements are read as parts of words, which start where addresses are multiples of four.
  const size_t size = size_of(matrix.dtype);
  const auto skew = static_cast<int64_t>(size < 4 ? source.address() % 4 / size : 0);
  const int64_t rows = round_up(range.rows, range.tile), turns = turns_for(range.padded);
  shader::dispatch(
      commands, shader::program_of<k::panels>(commands.device(), defines),
      k::panels{.source = source,
                .target = target,
                .first = u32(matrix.first - start + skew),
                .rows = u32(range.rows),
                .depth = u32(range.depth),
                .padded = u32(range.padded),
                .panel_rows = u32(rows),
                .row_stride = u32(matrix.row_stride),
                .depth_stride = u32(matrix.column_stride),
                .batch_stride = u32(matrix.batch_stride),
                .turns = u32(turns)},
      {u32(ceil_div(rows, kThreads)), u32(ceil_div(range.padded, kPackDepth * turns)), u32(range.batches)});
}

void pack_patches(vk::Commands& commands, const Matrix& input, const Patches& patches, int64_t column, int64_t k,
                  DType sum, const PanelRange& range, const vk::BufferRef& target) {
  shader::Defines defines = source_defines(input.dtype);
  defines.insert({{"SUM", std::string(dtype_row(sum).glsl)}, {"TILE", std::to_string(range.tile)}});
  const vk::BufferRef source = memory_from(input, input.first);
  const size_t size = size_of(input.dtype);
  const int64_t columns = round_up(range.rows, range.tile);
  shader::dispatch(commands, shader::program_of<k::patches>(commands.device(), defines),
                   k::patches{.source = source,
                              .target = target,
                              .first = u32(static_cast<int64_t>(size < 4 ? source.address() % 4 / size : 0)),
                              .first_column = u32(column),
                              .columns = u32(range.rows),
                              .panel_columns = u32(columns),
                              .first_k = u32(k),
                              .depth = u32(range.depth),
                              .padded = u32(range.padded),
                              .batch_stride = u32(input.batch_stride),
                              .inner = patches.inner,
                              .outer = {patches.outer[1], patches.outer[2]},
                              .kernel = patches.kernel,
                              .stride = patches.stride,
                              .before = patches.before,
                              .dilation = patches.dilation},
                   {u32(ceil_div(columns, kThreads)), u32(ceil_div(range.padded, kPackDepth)), u32(range.batches)});
}

PaddedPlanes pad_planes(vk::Commands& commands, const Matrix& input, const Patches& patches, int64_t planes) {
  const auto covered = [&](size_t axis) {
    return (patches.outer[axis] - 1) * patches.stride[axis] + (patches.kernel[axis] - 1) * patches.dilation[axis] + 1;
  };
  const auto before_rows = static_cast<uint32_t>(patches.before[1]),
             before_columns = static_cast<uint32_t>(patches.before[2]);
  const uint32_t rows = std::max(covered(1), before_rows + patches.inner[1]);
  const uint32_t columns = std::max(covered(2), before_columns + patches.inner[2]);
  const vk::BufferRef source = memory_from(input, input.first);
  if (rows == patches.inner[1] && columns == patches.inner[2]) return {source, rows, columns};
  const uint64_t count = static_cast<uint64_t>(planes) * rows * columns;
  const vk::BufferRef target =
      vk::Buffer::create(commands.device_ptr(), count * sizeof(float), vk::Memory::device, "padded planes");
  shader::dispatch(commands, shader::program_of<k::pad>(commands.device(), {}),
                   k::pad{.source = source,
                          .target = target,
                          .count = u32(static_cast<int64_t>(count)),
                          .inner = {patches.inner[1], patches.inner[2]},
                          .padded = {rows, columns},
                          .before = {before_rows, before_columns},
                          .by_column = divider(columns),
                          .by_row = divider(rows)},
                   grid_of(count, kThreads));
  return {target, rows, columns};
}

void finish_sums(vk::Commands& commands, const PartialSums& partial, DType sum, const Matrix& product,
                 const std::optional<Ending>& ending) {
  shader::Defines defines = sum_defines(commands.device(), sum, product.dtype);
  if (ending) defines.insert(ending->defines.begin(), ending->defines.end());
  const int64_t count = partial.batches * partial.rows * partial.columns;
  const int64_t groups = ceil_div(count, kThreads);
  const int64_t across = std::min<int64_t>(groups, commands.device().limits().max_groups[0]);
  dispatch_ending(commands, shader::program_of<k::finish>(commands.device(), defines),
                  k::finish{.partial = partial.sums,
                            .product = memory_from(product, product.first),
                            .bias = ending ? ending->values : partial.sums,
                            .splits = u32(partial.splits),
                            .rows = u32(partial.rows),
                            .columns = u32(partial.columns),
                            .count = u32(count),
                            .row_stride = u32(product.row_stride),
                            .column_stride = u32(product.column_stride),
                            .batch_stride = u32(product.batch_stride)},
                  {u32(across), u32(ceil_div(groups, across)), 1}, ending);
}

}  // namespace forge::array
