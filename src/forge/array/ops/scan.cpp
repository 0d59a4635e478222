#include "forge/array/ops/scan.hpp"

#include <algorithm>
#include <optional>

#include "forge/array/ops/reduce.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/scan/scan_columns.hpp"
#include "forge_shaders/scan/scan_rows.hpp"

namespace forge::array {

namespace {

struct Pass {
  const Combining& how;
  ScanOrder order;
  bool from_state, to_state;
  std::optional<vk::BufferRef> carry;  // states (outer, parts, inner): what comes before each part

  size_t in_bytes() const { return from_state ? how.state_bytes : size_of(how.in); }
  size_t out_bytes() const { return to_state ? how.state_bytes : size_of(how.out); }
  shader::Defines defines(const Team& team, bool wide) const {
    shader::Defines d = how.defines;
    d.merge(team.defines());
    if (wide) {
      d.merge(team.wide());
      d.insert({{"OUT_BYTES", std::to_string(out_bytes())}, {"WORDS_OUT", std::to_string(out_bytes() / in_bytes())}});
    }
    if (from_state) d["IN_STATE"] = "1";
    if (to_state) d["OUT_STATE"] = "1";
    if (order.exclusive) d["EXCLUSIVE"] = "1";
    if (order.reverse) d["REVERSE"] = "1";
    return d;
  }
  // Words of 16 bytes come in order, and go out whole.
  bool can_be_wide() const {
    const size_t in = in_bytes(), out = out_bytes();
    return !from_state && !to_state && !order.reverse && (in == 4 || in == 8) && (out == in || out == 8);
  }
};

struct Windows {
  Window source, target, carry;
};

void run_piece(vk::Commands& commands, const Pass& pass, const Cut& cut, bool wide, const Windows& w,
               const Piece& piece) {
  const Team team = cut.rows ? team_of(commands.device()) : team_of(commands.device()).spread();
  const int64_t per = wide ? static_cast<int64_t>(16 / pass.in_bytes()) : 1, inner = cut.view.inner;
  const int64_t parts = ceil_div(piece.extent, cut.strip);
  const shader::Defines defines = pass.defines(team, wide);
  const int64_t carry_pitch = pass.carry ? cut.parts * inner : 0;
  if (cut.rows) {
    shader::dispatch(commands, shader::program_of<k::scan_rows>(commands.device(), defines),
                     k::scan_rows{.rows = u32(piece.rows),
                                  .parts = u32(parts),
                                  .pitch = u32(cut.view.n / per),
                                  .extent = u32(piece.extent / per),
                                  .strip = u32(cut.strip / per),
                                  .first = w.source.first,
                                  .target_first = w.target.first,
                                  .carry_first = w.carry.first,
                                  .carry_pitch = u32(carry_pitch),
                                  .source = w.source.bytes,
                                  .target = w.target.bytes,
                                  .carry = w.carry.bytes},
                     team.groups(commands.device(), static_cast<uint64_t>(piece.rows * parts)));
    return;
  }
  shader::dispatch(commands, shader::program_of<k::scan_columns>(commands.device(), defines),
                   k::scan_columns{.count = u32(piece.rows * parts * inner),
                                   .inner = u32(inner),
                                   .parts = u32(parts),
                                   .pitch = u32(cut.view.n * inner),
                                   .extent = u32(piece.extent),
                                   .strip = u32(cut.strip),
                                   .first = w.source.first,
                                   .target_first = w.target.first,
                                   .carry_first = w.carry.first,
                                   .carry_pitch = u32(carry_pitch),
                                   .source = w.source.bytes,
                                   .target = w.target.bytes,
                                   .carry = w.carry.bytes},
                   team.groups_of_lanes(commands.device(), static_cast<uint64_t>(piece.rows * parts * inner)));
}

Windows windows_of(vk::Commands& commands, const Pass& pass, const Cut& cut, bool wide, const vk::BufferRef& in,
                   const vk::BufferRef& out, const Piece& piece) {
  const int64_t inner = cut.view.inner;
  const auto from = static_cast<uint64_t>((piece.row * cut.view.n + piece.k) * inner);
  const auto count = static_cast<uint64_t>(((piece.rows - 1) * cut.view.n + piece.extent) * inner);
  const size_t ib = pass.in_bytes(), ob = pass.out_bytes();
  const Window source = window_on(commands, in, from * ib, count * ib, u32(wide ? 16 : ib));
  const Window target = window_on(commands, out, from * ob, count * ob, u32(wide ? 16 : ob));
  if (!pass.carry) return {source, target, source};
  const size_t sb = pass.how.state_bytes;
  const int64_t part = cut.part + (piece.k - cut.k) / cut.strip, parts = ceil_div(piece.extent, cut.strip);
  const auto states = static_cast<uint64_t>((piece.row * cut.parts + part) * inner);
  const auto state_count = static_cast<uint64_t>(((piece.rows - 1) * cut.parts + parts) * inner);
  return {source, target, window_on(commands, *pass.carry, states * sb, state_count * sb, u32(sb))};
}

void run_pass(vk::Commands& commands, const Pass& pass, const AxisView& view, const Strips& strips,
              const vk::BufferRef& in, const vk::BufferRef& out) {
  const size_t widest = std::max(pass.out_bytes(), pass.how.state_bytes);
  for (const Cut& cut : cuts_of(view, strips)) {
    const bool wide = cut.wide && pass.can_be_wide();
    for (const Piece& piece : pieces_of(commands.device(), cut, pass.in_bytes(), widest, 1))
      run_piece(commands, pass, cut, wide, windows_of(commands, pass, cut, wide, in, out, piece), piece);
  }
}

}  // namespace

void scan_into(vk::Commands& commands, const Combining& how, const vk::BufferRef& in, const AxisView& view,
               ScanOrder order, bool from_state, bool to_state, const vk::BufferRef& out) {
  const Strips strips = strips_of(commands, view, in, from_state ? 0 : size_of(how.in));
  Pass pass{how, order, from_state, to_state, {}};
  if (strips.parts > 1) {
    const AxisView totals{view.outer, strips.parts, view.inner};
    const vk::BufferRef of_parts = reduce_parts(commands, how, in, view, strips, from_state);
    pass.carry = scratch(commands, static_cast<uint64_t>(view.outer * strips.parts * view.inner) * how.state_bytes);
    scan_into(commands, how, of_parts, totals, {.exclusive = true, .reverse = order.reverse}, true, true, *pass.carry);
  }
  run_pass(commands, pass, view, strips, in, out);
}

Array scan(vk::Commands& commands, const Array& in, Operation op, int64_t axis, ScanOrder order) {
  if (in.shape().empty())
    throw Error(ErrorCode::BAD_SHAPE, "scan of an array without axes", "1 axis or more", "()", "reshape it to (1,)");
  const Combining how = combining(commands.device(), op, in.dtype());
  axis = normal_axis(in.shape(), axis, "scan");
  const vk::BufferRef bytes = in.bytes();
  Array out = Array::empty(commands.device_ptr(), how.out, in.shape());
  if (out.size() > 0) scan_into(commands, how, bytes, view_of(in.shape(), axis), order, false, false, out.bytes());
  return out;
}

}  // namespace forge::array
