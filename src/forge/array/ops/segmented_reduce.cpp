#include "forge/array/ops/segmented_reduce.hpp"

#include <algorithm>

#include "forge/array/ops/index_types.hpp"
#include "forge/array/ops/reduce.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/core/error.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/reduce/check_offsets.hpp"
#include "forge_shaders/reduce/reduce_segments.hpp"

namespace forge::array {

namespace {

constexpr int64_t kChunk = 1024;      // elements; what a segment costs at most is a few times this
constexpr int64_t kShortSegment = 64; // elements on average: shorter ones get a lane each
constexpr int64_t kShortOfCpu = 1024; // where lanes need not read side by side

void check_offsets(vk::Commands& commands, const Array& offsets, int64_t n) {
  const Team team = team_of(commands.device()).spread();
  const vk::BufferRef found = scratch(commands, sizeof(uint32_t));
  commands.fill(found, 0xFFFFFFFF);
  shader::Defines defines = index_defines(offsets.dtype(), "offsets");
  defines.merge(team.defines());
  shader::dispatch(
      commands, shader::program_of<k::check_offsets>(commands.device(), defines),
      k::check_offsets{.offsets = offsets.bytes(), .found = found, .count = u32(offsets.size()), .n = u32(n)},
      team.groups_of_lanes(commands.device(), static_cast<uint64_t>(offsets.size())));
  commands.finish();
  uint32_t position = 0;
  vk::download(&position, found);
  if (position == 0xFFFFFFFF) return;
  throw Error(ErrorCode::OUT_OF_RANGE, "an offset lies beyond the array or after the next one",
              "0 to " + std::to_string(n) + ", never falling",
              index_text(offsets, position) + " at position " + std::to_string(position));
}

Strips chunks_of(const vk::Commands& commands, const AxisView& view, const vk::BufferRef& memory, size_t in_bytes) {
  Strips s = strips_of(commands, view, memory, in_bytes);
  s.rows = true;
  s.strip = kChunk;
  s.parts = s.wide ? ceil_div(s.body, kChunk) + (s.body < view.n ? 1 : 0) : ceil_div(view.n, kChunk);
  return s;
}

}  // namespace

Array segmented_reduce(vk::Commands& commands, const Array& in, const Array& offsets, Operation op) {
  if (in.shape().size() != 1 || offsets.shape().size() != 1 || offsets.size() == 0)
    throw Error(ErrorCode::BAD_SHAPE, "segmented_reduce takes arrays with one axis, and at least one offset",
                "(n,) and (segments + 1,)", to_string(in.shape()) + " and " + to_string(offsets.shape()));
  const Combining how = combining(commands.device(), op, in.dtype());
  const vk::BufferRef source = in.bytes(), index = offsets.bytes();
  if (std::max(in.nbytes(), offsets.nbytes()) > 0xFFFFFFFF)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "segmented_reduce of an array that is too large", "less than 4 GiB",
                std::to_string(in.nbytes()) + " and " + std::to_string(offsets.nbytes()) + " bytes", "work in pieces");
  check_offsets(commands, offsets, in.size());
  const int64_t segments = offsets.size() - 1;
  Array out = Array::empty(commands.device_ptr(), how.out, {segments});
  if (segments == 0) return out;
  vk::BufferRef chunks = scratch(commands, 16), tops = chunks;
  if (in.size() >= kChunk) {
    const AxisView view{1, in.size(), 1};
    const Strips strips = chunks_of(commands, view, source, size_of(in.dtype()));
    chunks = reduce_parts(commands, how, source, view, strips, false);
    const AxisView above{1, strips.parts, 1};
    tops = reduce_parts(commands, how, chunks, above, chunks_of(commands, above, chunks, 0), true);
  }
  const Team one = team_of(commands.device());
  const bool lane_each = in.size() < segments * (one.cpu ? kShortOfCpu : kShortSegment);
  const Team team = lane_each ? one.spread() : one;
  shader::Defines defines = how.defines;
  defines.merge(team.defines());
  defines.merge(index_defines(offsets.dtype(), "offsets"));
  if (lane_each) defines["LANE_EACH"] = "1";
  const auto work = static_cast<uint64_t>(segments);
  shader::dispatch(commands, shader::program_of<k::reduce_segments>(commands.device(), defines),
                   k::reduce_segments{.source = in.size() > 0 ? source : chunks,
                                      .chunks = chunks,
                                      .tops = tops,
                                      .offsets = index,
                                      .target = out.bytes(),
                                      .segments = u32(segments),
                                      .chunk = u32(kChunk)},
                   lane_each ? team.groups_of_lanes(commands.device(), work) : team.groups(commands.device(), work));
  return out;
}

}  // namespace forge::array
