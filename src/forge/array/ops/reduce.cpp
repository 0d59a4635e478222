#include "forge/array/ops/reduce.hpp"

#include <algorithm>
#include <cstring>

#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/reduce/reduce_columns.hpp"
#include "forge_shaders/reduce/reduce_rows.hpp"

namespace forge::array {

namespace {

constexpr int64_t kWordsOfTeam = 512;  // of parts that are shorter a team takes several: each workgroup has its price

// A pass over states or elements, to states or results.
struct Pass {
  const Combining& how;
  bool from_state, to_state;
  size_t in_bytes() const { return from_state ? how.state_bytes : size_of(how.in); }
  size_t out_bytes() const { return to_state ? how.state_bytes : size_of(how.out); }
  shader::Defines defines(const Team& team, bool wide) const {
    shader::Defines d = how.defines;
    d.merge(team.defines());
    if (wide) d.merge(team.wide());
    if (from_state) d["IN_STATE"] = "1";
    if (to_state) d["OUT_STATE"] = "1";
    return d;
  }
};

void run_piece(vk::Commands& commands, const Pass& pass, const Cut& cut, const vk::BufferRef& in,
               const vk::BufferRef& out, const Piece& piece) {
  const Team team = cut.rows ? team_of(commands.device()) : team_of(commands.device()).spread();
  const size_t in_bytes = pass.in_bytes(), out_bytes = pass.out_bytes(), word = cut.wide ? 16 : in_bytes;
  const int64_t per = cut.wide ? static_cast<int64_t>(16 / in_bytes) : 1, inner = cut.view.inner;
  const int64_t parts = ceil_div(piece.extent, cut.strip);
  const int64_t last_row = (piece.rows - 1) * cut.view.n;
  const auto from = static_cast<uint64_t>((piece.row * cut.view.n + piece.k) * inner) * in_bytes;
  const auto bytes = static_cast<uint64_t>((last_row + piece.extent) * inner) * in_bytes;
  const Window source = window_on(commands, in, from, bytes, u32(word));
  const int64_t target_part = cut.part + (piece.k - cut.k) / cut.strip;
  const auto to = static_cast<uint64_t>((piece.row * cut.parts + target_part) * inner) * out_bytes;
  const auto to_bytes = static_cast<uint64_t>(((piece.rows - 1) * cut.parts + parts) * inner) * out_bytes;
  const Window target = window_on(commands, out, to, to_bytes, u32(out_bytes));
  shader::Defines defines = pass.defines(team, cut.wide);
  if (cut.rows) {
    const int64_t together =
        team.cpu ? std::max<int64_t>(1, kWordsOfTeam * per / std::min(cut.strip, piece.extent)) : 1;
    shader::dispatch(commands, shader::program_of<k::reduce_rows>(commands.device(), defines),
                     k::reduce_rows{.rows = u32(piece.rows),
                                    .parts = u32(parts),
                                    .pitch = u32(cut.view.n / per),
                                    .extent = u32(piece.extent / per),
                                    .strip = u32(cut.strip / per),
                                    .first = source.first,
                                    .index = u32(piece.k),
                                    .target_first = target.first,
                                    .target_pitch = u32(cut.parts),
                                    .together = u32(together),
                                    .source = source.bytes,
                                    .target = target.bytes},
                     team.groups(commands.device(), static_cast<uint64_t>(ceil_div(piece.rows * parts, together))));
    return;
  }
  shader::dispatch(commands, shader::program_of<k::reduce_columns>(commands.device(), defines),
                   k::reduce_columns{.count = u32(piece.rows * parts * inner),
                                     .inner = u32(inner),
                                     .parts = u32(parts),
                                     .pitch = u32(cut.view.n * inner),
                                     .extent = u32(piece.extent),
                                     .strip = u32(cut.strip),
                                     .first = source.first,
                                     .index = u32(piece.k),
                                     .target_first = target.first,
                                     .target_parts = u32(cut.parts),
                                     .source = source.bytes,
                                     .target = target.bytes},
                   team.groups_of_lanes(commands.device(), static_cast<uint64_t>(piece.rows * parts * inner)));
}

void run_pass(vk::Commands& commands, const Pass& pass, const AxisView& view, const Strips& strips,
              const vk::BufferRef& in, const vk::BufferRef& out) {
  for (const Cut& cut : cuts_of(view, strips))
    for (const Piece& piece : pieces_of(commands.device(), cut, pass.in_bytes(), pass.out_bytes(), cut.strip))
      run_piece(commands, pass, cut, in, out, piece);
}

// What NumPy says of an axis without elements.
void fill_empty(Operation op, const Array& out) {
  if (op == Operation::min || op == Operation::max || is_indexed(op))
    throw Error(ErrorCode::BAD_SHAPE, "an axis without elements has no smallest or largest", "1 element or more", "0",
                "leave it out, or reduce another axis");
  if (out.size() == 0) return;
  const size_t size = size_of(out.dtype());
  std::vector<std::byte> values(out.nbytes(), std::byte{0});
  if (op == Operation::prod || op == Operation::all) {
    const DTypeRow& row = dtype_row(out.dtype());
    const uint64_t one = row.kind == 'f' || row.kind == 'c'
                             ? (row.name == "float16"                               ? 0x3C00
                                : row.name == "float64" || row.name == "complex128" ? 0x3FF0000000000000
                                                                                    : 0x3F800000)
                             : 1;
    for (size_t at = 0; at < values.size(); at += size)
      std::memcpy(values.data() + at, &one, std::min(size, sizeof one));
  }
  out.copy_from(contiguous_strides(out.shape(), size), values.data());
}

// Which axes go.
std::vector<bool> gone_axes(const Dims& shape, Operation op, const std::optional<Dims>& axes) {
  if (!axes) return std::vector<bool>(shape.size(), true);
  if (is_indexed(op) && axes->size() != 1)
    throw Error(ErrorCode::BAD_TYPE, "argmin and argmax go along one axis", "one axis, or None for all",
                std::to_string(axes->size()) + " axes", "make them one: x.reshape(...)");
  std::vector<bool> gone(shape.size(), false);
  for (const int64_t axis : *axes) {
    const auto at = static_cast<size_t>(normal_axis(shape, axis, "reduce"));
    if (gone[at])
      throw Error(ErrorCode::INVALID_ARGUMENT, "an axis to reduce is named twice", "each axis once",
                  "axis " + std::to_string(axis) + " again");
    gone[at] = true;
  }
  return gone;
}

Dims reduced(const Dims& shape, const std::vector<bool>& gone, bool keepdims) {
  Dims out;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!gone[i]) out.push_back(shape[i]);
    if (gone[i] && keepdims) out.push_back(1);
  }
  return out;
}

// Neighbouring axes that go are one. Of several such runs the last goes first: what is left for the others is smaller.
std::vector<AxisView> steps_of(const Dims& shape, const std::vector<bool>& gone) {
  std::vector<AxisView> steps;
  AxisView view{element_count(shape, 1), 1, 1};
  for (size_t i = shape.size(); i-- > 0;) {
    view.outer /= shape[i];
    if (gone[i]) {
      view.n *= shape[i];
      continue;
    }
    if (view.n > 1) steps.push_back({view.outer * shape[i], view.n, view.inner});
    view.inner *= shape[i];
    view.n = 1;
  }
  if (view.n > 1 || steps.empty()) steps.push_back(view);
  return steps;
}

int64_t count_of(const Dims& shape, const std::vector<bool>& gone) {
  int64_t count = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    if (gone[i]) count *= shape[i];
  return count;
}

// All of a step, as states for the next.
vk::BufferRef reduce_to_states(vk::Commands& commands, const Combining& how, vk::BufferRef in, AxisView view,
                               bool from_state) {
  while (true) {
    const Strips strips = strips_of(commands, view, in, from_state ? 0 : size_of(how.in));
    in = reduce_parts(commands, how, in, view, strips, from_state);
    if (strips.parts == 1) return in;
    view.n = strips.parts;
    from_state = true;
  }
}

}  // namespace

vk::BufferRef reduce_parts(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
                           const Strips& strips, bool from_state) {
  const auto states = static_cast<uint64_t>(view.outer * strips.parts * view.inner);
  vk::BufferRef out = scratch(commands, states * how.state_bytes);
  run_pass(commands, {how, from_state, true}, view, strips, in, out);
  return out;
}

void reduce_into(vk::Commands& commands, const Combining& how, vk::BufferRef in, AxisView view, bool from_state,
                 const vk::BufferRef& out) {
  while (true) {
    const Strips strips = strips_of(commands, view, in, from_state ? 0 : size_of(how.in));
    if (strips.parts == 1) return run_pass(commands, {how, from_state, false}, view, strips, in, out);
    in = reduce_parts(commands, how, in, view, strips, from_state);
    view.n = strips.parts;
    from_state = true;
  }
}

Array reduce(vk::Commands& commands, const Array& in, Operation op, const std::optional<Dims>& axes, bool keepdims) {
  const Combining how = combining(commands.device(), op, in.dtype());
  const std::vector<bool> gone = gone_axes(in.shape(), op, axes);
  const int64_t count = count_of(in.shape(), gone);
  if (count > int64_t{0xFFFFFFFF} && is_indexed(op))
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the axis is too long for an index", "at most 4294967295 elements",
                std::to_string(count));
  vk::BufferRef bytes = in.bytes();
  Array out = Array::empty(commands.device_ptr(), how.out, reduced(in.shape(), gone, keepdims));
  if (count == 0) fill_empty(op, out);
  if (count == 0 || out.size() == 0) return out;
  const std::vector<AxisView> steps = steps_of(in.shape(), gone);
  for (size_t i = 0; i + 1 < steps.size(); ++i) bytes = reduce_to_states(commands, how, bytes, steps[i], i > 0);
  reduce_into(commands, how, bytes, steps.back(), steps.size() > 1, out.bytes());
  return out;
}

}  // namespace forge::array
