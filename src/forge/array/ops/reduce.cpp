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

// What a lane takes in one pass. Enough that the second pass is small, and far below the loop budget of CPU drivers.
constexpr int64_t kWordsOfLane = 256;
constexpr int64_t kMostOfColumn = 4096, kLeastOfColumn = 64;
constexpr int64_t kLanesWanted = 8192;  // columns are cut until there are so many
constexpr int64_t kShortRow = 64;       // elements: shorter rows get a lane each

uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }

// A pass over states or elements, to states or results.
struct Pass {
  const Combining& how;
  bool from_state, to_state;
  size_t in_bytes() const { return from_state ? how.state_bytes : size_of(how.in); }
  size_t out_bytes() const { return to_state ? how.state_bytes : size_of(how.out); }
  shader::Defines defines(const Team& team, bool wide) const {
    shader::Defines d = how.defines;
    d.merge(team.defines());
    if (wide) d["WIDE"] = "1";
    if (from_state) d["IN_STATE"] = "1";
    if (to_state) d["OUT_STATE"] = "1";
    return d;
  }
};

struct Cut {
  AxisView view;     // of the input
  int64_t strip;     // elements
  int64_t k, n;      // the stretch of the axis that is reduced
  int64_t part;      // of its first strip among
  int64_t parts;     // those of the whole axis
  bool rows, wide;
};

void run_piece(vk::Commands& commands, const Pass& pass, const Cut& cut, const vk::BufferRef& in,
               const vk::BufferRef& out, const Piece& piece) {
  const Team team = team_of(commands.device());
  const size_t in_bytes = pass.in_bytes(), out_bytes = pass.out_bytes(), word = cut.wide ? 16 : in_bytes;
  const int64_t per = cut.wide ? static_cast<int64_t>(16 / in_bytes) : 1, inner = cut.view.inner;
  const int64_t parts = ceil_div(piece.extent, cut.strip);
  const int64_t last_row = (piece.rows - 1) * cut.view.n;
  const auto from = static_cast<uint64_t>((piece.row * cut.view.n + piece.k) * inner) * in_bytes;
  const auto bytes = static_cast<uint64_t>((last_row + piece.extent) * inner) * in_bytes;
  const Window source = window_on(commands, in, from, bytes, u32(static_cast<int64_t>(word)));
  const int64_t target_part = cut.part + (piece.k - cut.k) / cut.strip;
  const auto to = static_cast<uint64_t>((piece.row * cut.parts + target_part) * inner) * out_bytes;
  const auto to_bytes = static_cast<uint64_t>(((piece.rows - 1) * cut.parts + parts) * inner) * out_bytes;
  const Window target = window_on(commands, out, to, to_bytes, u32(static_cast<int64_t>(out_bytes)));
  shader::Defines defines = pass.defines(team, cut.wide);
  if (cut.rows) {
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
                                    .source = source.bytes,
                                    .target = target.bytes},
                     team.groups(commands.device(), static_cast<uint64_t>(piece.rows * parts)));
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

void run_cut(vk::Commands& commands, const Pass& pass, const Cut& cut, const vk::BufferRef& in,
             const vk::BufferRef& out) {
  const AxisView stretch{cut.view.outer, cut.n, cut.view.inner};
  for (Piece piece : pieces_of(commands.device(), stretch, cut.strip, pass.in_bytes(), pass.out_bytes())) {
    piece.k += cut.k;
    run_piece(commands, pass, cut, in, out, piece);
  }
}

// What fills 16 bytes goes first; the rest of a single row is a part of its own.
void run_pass(vk::Commands& commands, const Pass& pass, const AxisView& view, const Strips& s, const vk::BufferRef& in,
              const vk::BufferRef& out) {
  const int64_t body_parts = s.wide ? ceil_div(s.body, s.strip) : 0;
  if (s.wide) run_cut(commands, pass, {view, s.strip, 0, s.body, 0, s.parts, s.rows, true}, in, out);
  if (!s.wide || s.body < view.n)
    run_cut(commands, pass,
            {view, s.strip, s.wide ? s.body : 0, view.n - (s.wide ? s.body : 0), body_parts, s.parts, s.rows, false},
            in, out);
}

vk::BufferRef scratch(vk::Commands& commands, uint64_t bytes) {
  return vk::Buffer::create(commands.device_ptr(), bytes, vk::Memory::device);
}

void reduce_into(vk::Commands& commands, const Combining& how, vk::BufferRef in, AxisView view,
                 const vk::BufferRef& out) {
  bool from_state = false;
  while (true) {
    const Strips strips = strips_of(commands, view, in, from_state ? 0 : size_of(how.in));
    const bool last = strips.parts == 1;
    const Pass pass{how, from_state, !last};
    if (last) return run_pass(commands, pass, view, strips, in, out);
    const auto states = static_cast<uint64_t>(view.outer * strips.parts * view.inner);
    const vk::BufferRef partial = scratch(commands, states * how.state_bytes);
    run_pass(commands, pass, view, strips, in, partial);
    in = partial;
    view.n = strips.parts;
    from_state = true;
  }
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

Dims reduced(const Dims& shape, std::optional<int64_t> axis, bool keepdims) {
  Dims out;
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool gone = !axis || static_cast<int64_t>(i) == *axis;
    if (!gone) out.push_back(shape[i]);
    if (gone && keepdims) out.push_back(1);
  }
  return out;
}

}  // namespace

std::vector<Piece> pieces_of(const vk::Device& device, const AxisView& view, int64_t strip, size_t in_bytes,
                             size_t out_bytes_of_strip) {
  const auto limit = static_cast<int64_t>(window_limit(device));
  const int64_t parts = ceil_div(view.n, strip);
  const auto widest = [&](int64_t elements, int64_t results) {
    return std::max(elements * view.inner * static_cast<int64_t>(in_bytes),
                    results * view.inner * static_cast<int64_t>(out_bytes_of_strip));
  };
  std::vector<Piece> pieces;
  if (const int64_t row = widest(view.n, parts); row <= limit) {
    const int64_t rows = limit / row;
    for (int64_t r = 0; r < view.outer; r += rows) pieces.push_back({r, std::min(rows, view.outer - r), 0, view.n});
    return pieces;
  }
  const int64_t one = widest(strip, 1);
  if (one > limit)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an axis has too much memory behind each of its elements",
                "at most " + std::to_string(limit) + " bytes in one piece", std::to_string(one),
                "work on slices of the later axes");
  const int64_t stretch = limit / one * strip;
  for (int64_t r = 0; r < view.outer; ++r)
    for (int64_t k = 0; k < view.n; k += stretch) pieces.push_back({r, 1, k, std::min(stretch, view.n - k)});
  return pieces;
}

Strips strips_of(const vk::Commands& commands, const AxisView& view, const vk::BufferRef& memory, size_t in_bytes) {
  Strips s{};
  const Team team = team_of(commands.device());
  s.rows = view.inner == 1 && view.n > kShortRow;
  if (s.rows) {
    const auto per = static_cast<int64_t>(in_bytes == 0 ? 1 : 16 / in_bytes);
    const bool aligned = in_bytes != 0 && (memory.buffer->origin() + memory.offset) % 16 == 0;
    s.wide = aligned && (view.outer == 1 || view.n % per == 0);
    s.strip = kWordsOfLane * team.lanes * (s.wide ? per : 4);
    s.body = s.wide ? view.n / per * per : 0;
    s.parts = s.wide ? ceil_div(s.body, s.strip) + (s.body < view.n ? 1 : 0) : ceil_div(view.n, s.strip);
    return s;
  }
  const int64_t columns = std::max<int64_t>(view.outer * view.inner, 1);
  const int64_t wanted = std::min(ceil_div(kLanesWanted, columns), ceil_div(view.n, kLeastOfColumn));
  s.strip = std::min(ceil_div(view.n, std::max<int64_t>(wanted, 1)), kMostOfColumn);
  const auto behind = view.inner * static_cast<int64_t>(std::max<size_t>(in_bytes, 16));
  s.strip = std::clamp(static_cast<int64_t>(window_limit(commands.device())) / behind, int64_t{1}, s.strip);
  s.parts = ceil_div(view.n, s.strip);
  return s;
}

vk::BufferRef reduce_parts(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
                           const Strips& strips) {
  const auto states = static_cast<uint64_t>(view.outer * strips.parts * view.inner);
  vk::BufferRef out = scratch(commands, states * how.state_bytes);
  run_pass(commands, {how, false, true}, view, strips, in, out);
  return out;
}

Array reduce(vk::Commands& commands, const Array& in, Operation op, std::optional<int64_t> axis, bool keepdims) {
  const Combining how = combining(commands.device(), op, in.dtype());
  if (axis) axis = normal_axis(in.shape(), *axis, "reduce");
  const vk::BufferRef bytes = in.bytes();
  const AxisView view = axis ? view_of(in.shape(), *axis) : AxisView{1, in.size(), 1};
  if (view.n > int64_t{0xFFFFFFFF} && is_indexed(op))
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the axis is too long for an index", "at most 4294967295 elements",
                std::to_string(view.n));
  Array out = Array::empty(commands.device_ptr(), how.out, reduced(in.shape(), axis, keepdims));
  if (view.n == 0) {
    fill_empty(op, out);
    return out;
  }
  if (out.size() > 0) reduce_into(commands, how, bytes, view, out.bytes());
  return out;
}

}  // namespace forge::array
