#include "forge/array/ops/gather.hpp"

#include <algorithm>
#include <array>

#include "forge/array/ops/elements.hpp"
#include "forge/array/ops/index_types.hpp"
#include "forge/array/ops/strips.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/words.hpp"
#include "forge/core/error.hpp"
#include "forge/vk/same_memory.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/move/check_indices.hpp"
#include "forge_shaders/move/gather.hpp"
#include "forge_shaders/move/scatter.hpp"

namespace forge::array {

namespace {

constexpr int64_t kMost = 0xFFFFFFFF;  // elements of an axis, and bytes that one dispatch reaches

shader::Defines macros_of(const Team& team, DType dtype, IndexMode mode) {
  shader::Defines defines = index_defines(dtype, "indices");
  defines.merge(team.defines());
  if (mode == IndexMode::clip) defines["MODE_CLIP"] = "1";
  if (mode == IndexMode::wrap) defines["MODE_WRAP"] = "1";
  return defines;
}

void check_range(vk::Commands& commands, const Array& indices, int64_t n) {
  const Team team = team_of(commands.device()).spread();
  const vk::BufferRef found = scratch(commands, sizeof(uint32_t));
  commands.fill(found, 0xFFFFFFFF);
  shader::dispatch(
      commands,
      shader::program_of<k::check_indices>(commands.device(), macros_of(team, indices.dtype(), IndexMode::raise)),
      k::check_indices{.indices = indices.bytes(), .found = found, .count = u32(indices.size()), .n = u32(n)},
      team.groups_of_lanes(commands.device(), static_cast<uint64_t>(indices.size())));
  commands.finish();
  uint32_t position = 0;
  vk::download(&position, found);
  if (position == 0xFFFFFFFF) return;
  throw Error(ErrorCode::OUT_OF_RANGE, "an index lies outside of the axis",
              std::to_string(-n) + " to " + std::to_string(n - 1),
              index_text(indices, position) + " at position " + std::to_string(position),
              "mend it, or pass mode=\"clip\" or mode=\"wrap\"");
}

struct Reach {
  AxisView view;
  int64_t many;   // indices
  int64_t block;  // outer entries that one dispatch takes
};

Reach reach_of(const Array& array, const Array& indices, int64_t axis, size_t widest) {
  const AxisView view = view_of(array.shape(), axis);
  const int64_t entry = std::max(view.n, indices.size()) * view.inner * static_cast<int64_t>(widest);
  if (entry > kMost)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an axis with what lies behind it is too large to index",
                "at most " + std::to_string(kMost) + " bytes", std::to_string(entry), "work in pieces");
  return {view, indices.size(), entry == 0 ? view.outer : std::max<int64_t>(kMost / entry, 1)};
}

Dims indexed_shape(const Dims& shape, const Dims& indices, int64_t axis) {
  Dims out;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (static_cast<int64_t>(i) != axis) {
      out.push_back(shape[i]);
      continue;
    }
    for (const int64_t extent : indices) out.push_back(extent);
  }
  return out;
}

void need_axes(const Array& array, const char* what) {
  if (array.shape().empty())
    throw Error(ErrorCode::BAD_SHAPE, std::string(what) + " of an array without axes", "1 axis or more", "()");
}

void refuse_empty_axis(int64_t n) {
  if (n == 0)
    throw Error(ErrorCode::OUT_OF_RANGE, "an index into an axis without elements",
                "no indices, or an axis with elements", "an axis of 0");
}

// What scatter.comp needs for a dtype, or a refusal that names what is missing.
void add_scatter_types(shader::Defines& d, const vk::Device& device, Scatter op, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (op == Scatter::set) {
    d["WORD"] = word_of(row.size);
    return;
  }
  if (row.size < 4 || row.kind == 'c' || row.kind == 'b')
    throw Error(ErrorCode::BAD_DTYPE, "scatter with an operation needs numbers of 32 or 64 bits",
                "int32, uint32, int64, uint64, float32 or float64", std::string(row.name), "convert the arrays");
  if (row.size == 8) device.require("shaderBufferInt64Atomics", "scatter into " + std::string(row.name));
  d["WORD"] = row.glsl;
  constexpr std::array<const char*, 5> kNames{"", "OP_ADD", "OP_MIN", "OP_MAX", "OP_MUL"};
  d[kNames[static_cast<size_t>(op)]] = "1";
  if (row.kind == 'f') {
    d["BITS"] = row.size == 8 ? "uint64_t" : "uint";
    d["FLOAT_BYTES"] = std::to_string(row.size);
  } else if (op == Scatter::mul) {  // no device multiplies atomically
    d["BITS"] = row.glsl;
    if (row.size == 8) d["ATOMIC64"] = "1";
  } else if (row.size == 8) {
    d["ATOMIC64"] = "1";
  }
}

// What is read while the target is written must not lie in it: a copy then.
vk::BufferRef apart(vk::Commands& commands, const vk::BufferRef& read, const vk::BufferRef& written) {
  if (!vk::overlap(read, written)) return read;
  const vk::BufferRef copy = scratch(commands, read.size);
  commands.copy(read, copy);
  return copy;
}

}  // namespace

Array gather(vk::Commands& commands, const Array& in, const Array& indices, int64_t axis, IndexMode mode) {
  need_axes(in, "gather");
  axis = normal_axis(in.shape(), axis, "gather");
  const Team team = team_of(commands.device()).spread();
  const size_t size = size_of(in.dtype());
  shader::Defines defines = macros_of(team, indices.dtype(), mode);
  defines["WORD"] = word_of(size);
  const Reach reach = reach_of(in, indices, axis, size);
  const auto [view, many, block] = reach;
  const vk::BufferRef source = in.bytes(), index = indices.bytes();
  Array out = Array::empty(commands.device_ptr(), in.dtype(), indexed_shape(in.shape(), indices.shape(), axis));
  if (many > 0 && out.size() > 0) refuse_empty_axis(view.n);
  if (many > 0 && mode == IndexMode::raise) check_range(commands, indices, view.n);
  if (out.size() == 0) return out;
  const auto in_entry = static_cast<uint64_t>(view.n * view.inner) * size;
  const auto out_entry = static_cast<uint64_t>(many * view.inner) * size;
  for (int64_t o = 0; o < view.outer; o += block) {
    const auto first = static_cast<uint64_t>(o), entries = static_cast<uint64_t>(std::min(block, view.outer - o));
    const int64_t count = static_cast<int64_t>(entries) * many * view.inner;
    shader::dispatch(commands, shader::program_of<k::gather>(commands.device(), defines),
                     k::gather{.source = source.part(first * in_entry, entries * in_entry),
                               .indices = index,
                               .target = out.bytes().part(first * out_entry, entries * out_entry),
                               .count = u32(count),
                               .n = u32(view.n),
                               .many = u32(many),
                               .inner = u32(view.inner)},
                     team.groups_of_lanes(commands.device(), static_cast<uint64_t>(count)));
  }
  return out;
}

void scatter(vk::Commands& commands, const Array& target, const Array& indices, const Array& values, int64_t axis,
             Scatter op, IndexMode mode) {
  need_axes(target, "scatter");
  axis = normal_axis(target.shape(), axis, "scatter");
  if (!target.writable())
    throw Error(ErrorCode::READ_ONLY, "the target of scatter is read-only", "a writable array", "a read-only one",
                "copy it: vf.asarray(np.asarray(x))");
  if (values.dtype() != target.dtype())
    throw Error(ErrorCode::BAD_DTYPE, "values and target differ in dtype", std::string(name_of(target.dtype())),
                std::string(name_of(values.dtype())), "convert the values");
  const Dims wanted = indexed_shape(target.shape(), indices.shape(), axis);
  const bool one = values.size() == 1;
  if (!one && values.shape() != wanted)
    throw Error(ErrorCode::BAD_SHAPE, "values do not fit target and indices", to_string(wanted) + " or one element",
                to_string(values.shape()));
  const Team team = team_of(commands.device()).spread();
  const size_t size = size_of(target.dtype());
  shader::Defines defines = macros_of(team, indices.dtype(), mode);
  add_scatter_types(defines, commands.device(), op, target.dtype());
  const Reach reach = reach_of(target, indices, axis, size);
  const auto [view, many, block] = reach;
  const vk::BufferRef to = target.bytes(), index = apart(commands, indices.bytes(), to),
                      from = apart(commands, values.bytes(), to);
  const int64_t total = view.outer * many * view.inner;
  if (many > 0 && total > 0) refuse_empty_axis(view.n);
  if (many > 0 && mode == IndexMode::raise) check_range(commands, indices, view.n);
  if (total == 0) return;
  const auto entry = static_cast<uint64_t>(view.n * view.inner) * size;
  const auto value_entry = static_cast<uint64_t>(many * view.inner) * size;
  for (int64_t o = 0; o < view.outer; o += block) {
    const auto first = static_cast<uint64_t>(o), entries = static_cast<uint64_t>(std::min(block, view.outer - o));
    const int64_t count = static_cast<int64_t>(entries) * many * view.inner;
    shader::dispatch(commands, shader::program_of<k::scatter>(commands.device(), defines),
                     k::scatter{.target = to.part(first * entry, entries * entry),
                                .indices = index,
                                .values = one ? from : from.part(first * value_entry, entries * value_entry),
                                .count = u32(count),
                                .n = u32(view.n),
                                .many = u32(many),
                                .inner = u32(view.inner),
                                .stride = one ? 0u : 1u},
                     team.groups_of_lanes(commands.device(), static_cast<uint64_t>(count)));
  }
}

}  // namespace forge::array
